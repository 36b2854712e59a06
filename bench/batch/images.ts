import { readFile } from 'node:fs/promises';
import { imageFiles } from '@hebb/images/images';
import { encoder, picture } from '@hebb/test/decode/pictures';

/** `count` image files: those of a folder, spread over it, else JPEGs of 500×375 pixels. */
export async function batchImages(folder: string | undefined, count: number) {
  const files =
    folder === undefined
      ? await Promise.all(
          Array.from({ length: count }, (_, i) =>
            encoder(picture(500, 375 + (i % 8)))
              .jpeg()
              .toBuffer(),
          ),
        )
      : await filesOf(folder, count);
  const images = Array.from({ length: count }, (_, i) => new Uint8Array(files[i % files.length]!));
  const bytes = images.reduce((sum, { length }) => sum + length, 0);
  const what = folder === undefined ? 'drawn, 500×375 pixels' : 'photographs';
  return { images, what: `${count} JPEGs, ${what}, ${(bytes / count / 1000).toFixed(0)} KB each` };
}

async function filesOf(folder: string, count: number) {
  const found = await imageFiles(folder);
  const step = Math.max(1, Math.floor(found.length / count));
  const chosen = found.filter((_, i) => i % step === 0).slice(0, count);
  return await Promise.all(chosen.map(({ path }) => readFile(path)));
}
