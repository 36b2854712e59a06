/**
 * EXIF orientation: how a camera was held (CIPA DC-008, tag 0x0112).
 * @module
 */
import type { RgbImage } from './preprocessing.ts';
import type { Extent, ReducedImage } from './resize.ts';

/** 1 upright, 2 mirrored, 3 upside down, 4 both, 5 to 8 on its side (width and height swap). */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * Turns and mirrors an image so that it stands upright. Copies, except for orientation 1.
 * @param output buffer for the upright pixels, of the image's size
 */
export function orient(
  image: ReducedImage,
  orientation: Orientation,
  output: Uint8Array = new Uint8Array(image.data.length),
): ReducedImage {
  if (orientation === 1) return image;
  const { width, height, data } = image;
  const swapped = orientation >= 5;
  // The upright pixel (x, y) is the stored pixel at start + x · right + y · down.
  const { start, right, down } = walk(width, height, orientation);
  const columns = swapped ? height : width;
  const rows = swapped ? width : height;
  let to = 0;
  for (let y = 0; y < rows; y++) {
    let from = (start + y * down) * 3;
    for (let x = 0; x < columns; x++, from += right * 3, to += 3) {
      output[to] = data[from]!;
      output[to + 1] = data[from + 1]!;
      output[to + 2] = data[from + 2]!;
    }
  }
  const turned = { ...image, width: columns, height: rows, data: output };
  return image.extent ? { ...turned, extent: turn(image.extent, turned, orientation) } : turned;
}

/** The extent within the turned image, whose partial pixels may now come first. */
function turn(extent: Extent, turned: RgbImage, orientation: Orientation): Extent {
  const { left, top, width, height } = extent;
  const swapped = { left: top, top: left, width: height, height: width };
  const upright = orientation >= 5 ? swapped : extent;
  const mirrorsX = [2, 3, 6, 7].includes(orientation);
  const mirrorsY = [3, 4, 7, 8].includes(orientation);
  return {
    left: mirrorsX ? turned.width - upright.left - upright.width : upright.left,
    top: mirrorsY ? turned.height - upright.top - upright.height : upright.top,
    width: upright.width,
    height: upright.height,
  };
}

/** Steps through the stored pixels, in pixels. */
function walk(width: number, height: number, orientation: Orientation) {
  const lastColumn = width - 1;
  const lastRow = (height - 1) * width;
  switch (orientation) {
    case 1:
      return { start: 0, right: 1, down: width };
    case 2:
      return { start: lastColumn, right: -1, down: width };
    case 3:
      return { start: lastRow + lastColumn, right: -1, down: -width };
    case 4:
      return { start: lastRow, right: 1, down: -width };
    case 5:
      return { start: 0, right: width, down: 1 };
    case 6:
      return { start: lastRow, right: -width, down: 1 };
    case 7:
      return { start: lastRow + lastColumn, right: -width, down: -1 };
    case 8:
      return { start: lastColumn, right: width, down: -1 };
  }
}
