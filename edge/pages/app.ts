/**
 * What the parts of the page at `/` share.
 * @module
 */
import type { HebbClient, Model } from '@hebb/client';
import type { BrowserEngine } from './engine/index.ts';

export type TierWish = 'auto' | 'edge' | 'gpu';

export interface App {
  /**
   * A client with the key, if one was entered.
   * @param attempts of a request that may be repeated; 3 by default
   */
  hebb(attempts?: number): HebbClient;
  /** The engine in this browser; it loads the model at its first call. */
  engine(): BrowserEngine;
  /** The model that is served. */
  model(): Promise<Model>;
  /** Which tier should answer. */
  tier(): TierWish;
  /** Announces a text to screen readers. */
  say(text: string): void;
  /** Shows an error, and the form for a key if one is missing. */
  readonly fail: (error: unknown, retry?: () => void) => void;
}
