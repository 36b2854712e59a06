/**
 * Pixels as RGB bytes and as ImageData.
 * @module
 */

/** Drops alpha, which is 255 throughout: images are drawn over white first. */
export function toRgb({ data, width, height }: ImageData): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return rgb;
}

/** @param rgb uint8 RGB [side, side, 3] */
export function toImageData(rgb: Uint8Array): ImageData {
  const side = Math.sqrt(rgb.length / 3);
  const image = new ImageData(side, side);
  image.data.fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    image.data[to] = rgb[from]!;
    image.data[to + 1] = rgb[from + 1]!;
    image.data[to + 2] = rgb[from + 2]!;
  }
  return image;
}
