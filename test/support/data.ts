/**
 * Development data beside the checkout (../shared/data): real weights and labelled photographs, which are not
 * part of the project. Without them, tests that need them are skipped with a message.
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const root = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export const BVLC_ONNX = `${root}imagenet-googlenet/googlenet-bvlc.onnx`;
export const SYNSET_WORDS = `${root}imagenet-googlenet/synset_words.txt`;
/** 515 JPEGs, at most one per class. File names start with the synset: `n01440764_tench.JPEG`. */
export const IMAGENET_IMAGES = `${root}imagenet-googlenet/images`;
/** Five classes of flowers, in `train/` and `val/`. */
export const FLOWERS = `${root}flowers`;

export const hasData = existsSync(BVLC_ONNX);

/** `describe` for tests that need ../shared/data. */
export function describeWithData(name: string, body: () => void): void {
  if (!hasData) console.warn(`SKIPPED without ../shared/data: ${name}`);
  describe.skipIf(!hasData)(name, body);
}
