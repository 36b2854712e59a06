import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Imported, importOnnx } from '@hebb/models/import/importer';
import { parseLabels } from '@hebb/models/import/labels';
import sharp from 'sharp';
import { BVLC_ONNX, IMAGENET_IMAGES, SYNSET_WORDS } from './data.ts';

/** The BVLC GoogLeNet, imported as by `hebb import`. */
export async function importBvlc(): Promise<Imported> {
  const labels = parseLabels(await readFile(SYNSET_WORDS, 'utf8'));
  return importOnnx(BVLC_ONNX, { name: 'imagenet', labels, importer: 'test' });
}

/** Paths of every `step`-th of the 515 photographs. */
export function imagenetPhotos(step = 1): string[] {
  const names = readdirSync(IMAGENET_IMAGES).sort();
  return names.filter((_, i) => i % step === 0).map((name) => join(IMAGENET_IMAGES, name));
}

/** RGB pixels, uint8 [224, 224, 3], warped to 256 and cropped, decoded by sharp. */
export async function photoPixels(path: string): Promise<Uint8Array> {
  return sharp(path)
    .resize(256, 256, { fit: 'fill', kernel: 'linear' })
    .extract({ left: 16, top: 16, width: 224, height: 224 })
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}
