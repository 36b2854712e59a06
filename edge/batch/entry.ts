import { HebbError } from '../../shared/model/errors.ts';
import type { UnpackedBytes } from '../body/inflate.ts';
import type { ByteSource } from './byte-source.ts';
import type { Entries } from './entries.ts';
import type { BatchItem } from './item.ts';

/** An image of a batch, not yet numbered. */
export type Entry = Pick<BatchItem, 'name' | 'image' | 'error'>;

/** What the reader of an archive is given. */
export interface ReadContext {
  readonly source: ByteSource;
  /** Each record is counted, before it is looked at. */
  readonly counted: Entries;
  readonly unpacked: UnpackedBytes;
  /** Most bytes of an image. */
  readonly most: number;
}

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
