/**
 * Writes GIF files whose first frame may be anywhere on the canvas, interlaced, or partly transparent.
 * LZW without compression: one code for each index, with clear codes in between.
 * @module
 */
export interface RawGif {
  /** The canvas. */
  readonly width: number;
  readonly height: number;
  readonly frame: { x: number; y: number; width: number; height: number };
  /** Palette index (0..255) at a pixel of the frame. */
  readonly index: (x: number, y: number) => number;
  /** RGB of 256 entries. */
  readonly palette: readonly number[];
  readonly local?: boolean;
  readonly interlaced?: boolean;
  readonly transparent?: number;
}

export function writeGif(gif: RawGif): Buffer {
  const { width, height, frame, palette, local = false, interlaced = false, transparent } = gif;
  const u16 = (value: number) => [value & 255, value >> 8];
  const out: number[] = [...Buffer.from('GIF89a'), ...u16(width), ...u16(height)];
  out.push(local ? 0x70 : 0xf7, 0, 0, ...(local ? [] : palette));
  out.push(0x21, 0xfe, 5, ...Buffer.from('hello'), 0); // a comment
  if (transparent !== undefined) out.push(0x21, 0xf9, 4, 1, 0, 0, transparent, 0);
  out.push(0x2c, ...u16(frame.x), ...u16(frame.y), ...u16(frame.width), ...u16(frame.height));
  out.push((local ? 0x87 : 0) | (interlaced ? 0x40 : 0), ...(local ? palette : []), 8);
  const data = codes(gif);
  for (let at = 0; at < data.length; at += 255) {
    const block = data.slice(at, at + 255);
    out.push(block.length, ...block);
  }
  out.push(0, 0x3b);
  return Buffer.from(out);
}

function codes({ frame, index, interlaced }: RawGif): number[] {
  const out: number[] = [];
  let bits = 0;
  let count = 0;
  const put = (code: number) => {
    bits |= code << count;
    for (count += 9; count >= 8; count -= 8, bits >>= 8) out.push(bits & 255);
  };
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const;
  let sinceClear = Number.POSITIVE_INFINITY;
  for (const [first, step] of interlaced ? passes : [[0, 1] as const]) {
    for (let y = first; y < frame.height; y += step) {
      for (let x = 0; x < frame.width; x++) {
        if (sinceClear++ > 250) {
          put(256);
          sinceClear = 0;
        }
        put(index(x, y));
      }
    }
  }
  put(257);
  if (count > 0) out.push(bits & 255);
  return out;
}
