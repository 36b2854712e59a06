/**
 * Development data beside the checkout (../shared/data): real weights and labelled photographs that
 * are no part of the project. Tests that need them are skipped, loudly, where they are absent.
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const root = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export const BVLC_ONNX = `${root}imagenet-googlenet/googlenet-bvlc.onnx`;
export const SYNSET_WORDS = `${root}imagenet-googlenet/synset_words.txt`;
/** 515 JPEGs, one per class at most; a file's name starts with its synset: `n01440764_tench.JPEG`. */
export const IMAGENET_IMAGES = `${root}imagenet-googlenet/images`;
/** `train/` and `val/` of five classes of flowers. */
export const FLOWERS = `${root}flowers`;

export const hasData = existsSync(BVLC_ONNX);

/** `describe` for tests that need ../shared/data. */
export function describeWithData(name: string, body: () => void): void {
  if (!hasData) console.warn(`SKIPPED for want of ../shared/data: ${name}`);
  describe.skipIf(!hasData)(name, body);
}
