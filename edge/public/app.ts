/**
 * What the parts of the page share.
 * @module
 */
import type { HebbClient, Model } from '../../shared/model/client/index.ts';
import type { BrowserEngine } from './engine/index.ts';

export type TierWish = 'auto' | 'edge' | 'gpu';

export interface App {
  /** With the key that was given, if one was. @param attempts for what may be asked twice; 3 without it */
  hebb(attempts?: number): HebbClient;
  /** The model in this browser, loaded at first use. */
  engine(): BrowserEngine;
  /** What is served. */
  model(): Promise<Model>;
  /** Who is to answer. */
  tier(): TierWish;
  /** Said to screen readers. */
  say(text: string): void;
  /** Tells of an error; asks for a key where one is missing. */
  readonly fail: (error: unknown, retry?: () => void) => void;
}
