/**
 * Splits many files into requests that are small enough.
 * @module
 */

/** Most bytes of files in one request: Cloudflare's smaller plans accept 100 MB, including the form. */
export const REQUEST_BYTES = 90e6;
/** Most images of one batch, as the Worker accepts them. */
const REQUEST_IMAGES = 500;

export const bytesOf = (files: readonly File[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

/** The files in order, in as few requests as possible. A file over the limit gets its own request. */
export function portions(files: readonly File[]): File[][] {
  const all: File[][] = [];
  let bytes = 0;
  for (const file of files) {
    bytes += file.size;
    const last = all.at(-1);
    if (last && bytes <= REQUEST_BYTES && last.length < REQUEST_IMAGES) last.push(file);
    else {
      all.push([file]);
      bytes = file.size;
    }
  }
  return all;
}
