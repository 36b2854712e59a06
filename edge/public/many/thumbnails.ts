/**
 * Small pictures of many files, one after the other, so that a hundred photos do not lie decoded in
 * memory at once.
 * @module
 */

/** Pixels of the side; shown at half of that. */
const SIDE = 192;

/** Gives each file's middle square as a canvas; leaves out what the browser cannot decode. */
export async function thumbnails(
  files: readonly File[],
  made: (index: number, picture: HTMLCanvasElement) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (signal.aborted) return;
    try {
      made(index, await thumbnail(file));
    } catch {
      // its line says what is wrong with it
    }
  }
}

async function thumbnail(file: File): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(file);
  const side = Math.min(image.width, image.height);
  const [x, y] = [(image.width - side) / 2, (image.height - side) / 2];
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, x, y, side, side, 0, 0, SIDE, SIDE);
  image.close();
  return canvas;
}
