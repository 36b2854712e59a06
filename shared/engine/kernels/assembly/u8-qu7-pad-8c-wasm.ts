// Writes the first convolution's input: 7-bit pixels (v >> 1) in the middle of a larger image, whose
// border was filled at load with the zero point of each colour.

/**
 * Reads 8 bytes at a time.
 * @param pixels u8 RGB [size, size, 3]
 * @param output address of the image's first pixel; rows are `rowBytes` apart
 */
export function u8_qu7_pad_8c_wasm(pixels: usize, size: i32, output: usize, rowBytes: i32): void {
  const width = (size * 3) as usize;
  for (let y = 0; y < size; y++) {
    let x: usize = 0;
    for (; x + 8 <= width; x += 8) {
      store<u64>(output + x, (load<u64>(pixels + x) >> 1) & 0x7f7f7f7f7f7f7f7f);
    }
    for (; x < width; x++) store<u8>(output + x, load<u8>(pixels + x) >> 1);
    pixels += width;
    output += rowBytes;
  }
}
