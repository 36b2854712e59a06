import { HebbError } from '../../shared/model/errors.ts';
import type { BatchItem } from './item.ts';

/** An image of a batch, not yet numbered. */
export type Entry = Pick<BatchItem, 'name' | 'image' | 'error'>;

export const tooLarge = (most: number): HebbError =>
  new HebbError(
    'body_too_large',
    `In a batch an image may have ${(most / 1e6).toFixed(1)} MB, and this one has more.`,
    { hint: 'Send it by itself to /v1/classify.' },
  );

/** Files that archives of some systems hold beside the real ones. */
export const isClutter = (name: string): boolean =>
  /(^|\/)(\._[^/]*|\.DS_Store|Thumbs\.db)$/.test(name) || name.startsWith('__MACOSX/');

export const named = (name: string | undefined): { name?: string } =>
  name === undefined || name === '' ? {} : { name };
