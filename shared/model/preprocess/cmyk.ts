/**
 * CMYK to RGB without a colour profile, like Pillow.
 * @module
 */

/**
 * In place: the first three quarters of `inks` become the result.
 * @param inks uint8 [pixels, 4]: cyan, magenta, yellow, black
 * @param inverted 255 means no ink (what Adobe writes into JPEG), not full ink
 * @returns uint8 RGB [pixels, 3]: (1 − ink) · (1 − black) per channel
 */
export function cmykToRgb(
  inks: Uint8Array<ArrayBuffer>,
  inverted: boolean,
): Uint8Array<ArrayBuffer> {
  const flip = inverted ? 0 : 255;
  const rgb = inks.subarray(0, (inks.length / 4) * 3); // writes stay behind the reads
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = inks[from + 3]! ^ flip;
    rgb[to] = multiply(inks[from]! ^ flip, light);
    rgb[to + 1] = multiply(inks[from + 1]! ^ flip, light);
    rgb[to + 2] = multiply(inks[from + 2]! ^ flip, light);
  }
  return rgb;
}

/** a · b / 255, rounded. */
const multiply = (a: number, b: number) => Math.round((a * b) / 255);
