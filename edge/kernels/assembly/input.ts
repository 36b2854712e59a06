// From RGB bytes to the first convolution's input: 7-bit pixels (v >> 1) as space-to-depth blocks.
//
// A 7x7 convolution with stride 2 and padding 3 over 3 channels is a 4x4 one with stride 1 over the
// 12 channels of 2x2 blocks (three times quicker: 12 channels fill the vectors, 3 do not). Four
// neighbouring blocks lie side by side, so the kernel sees 4 taps of 48 channels.
//
// output [blocks][blocks][2 rows][2 columns][3] u7. Image pixel (y, x) lies at row y + 4, column
// x + 4; the border around it was filled once, at load, with the zero point of each colour.

export function spaceToDepth(pixels: usize, size: i32, output: usize, blocks: i32): void {
  const pairs = size >> 1;
  for (let y = 0; y < size; y++) {
    const row = y + 4;
    let to = output + (((row >> 1) * blocks + 2) * 12 + (row & 1) * 6);
    for (let i = 0; i < pairs; i++) {
      const six = (load<u64>(pixels) >> 1) & 0x7f7f7f7f7f7f7f7f;
      store<u32>(to, six as u32);
      store<u16>(to, (six >> 32) as u16, 4);
      pixels += 6;
      to += 12;
    }
    if (size & 1) {
      for (let c: usize = 0; c < 3; c++) store<u8>(to + c, load<u8>(pixels + c) >> 1);
      pixels += 3;
    }
  }
}
