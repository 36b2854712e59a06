/**
 * The network's input, as bytes and as ImageData.
 * @module
 */

/** RGBA over white is RGB already where nothing is clear, which holds for what comes from here. */
export function toRgb({ data, width, height }: ImageData): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return rgb;
}

/** @param rgb uint8 RGB of a square */
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
