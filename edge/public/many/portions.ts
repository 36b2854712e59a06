/**
 * Many files as requests of a size that arrives.
 * @module
 */

/** Most bytes of one request: Cloudflare takes 100 MB on its smaller plans, form and all. */
export const REQUEST_BYTES = 90e6;
/** Most images of one batch, as the Worker takes them. */
const REQUEST_IMAGES = 500;

export const bytesOf = (files: readonly File[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);

/** The files, in order, in as few requests as there must be; a larger file has its own. */
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
