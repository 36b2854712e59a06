import type { ReducedImage } from '@hebb/model/preprocess/resize';
import type { Workspace } from '../arena.ts';
import { Bytes } from '../bytes.ts';
import { BoxReducer, type Reduction } from '../reduce.ts';
import type { GifFrame, GifHeader } from './header.ts';
import { decodeLzw } from './lzw.ts';

/** First row and distance to the next, per pass of an interlaced frame (GIF89a, appendix E). */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** The first frame on a white canvas, row by row. */
export function decodeGif(
  workspace: Workspace,
  bytes: Uint8Array,
  header: GifHeader,
  reduction: Reduction,
): ReducedImage {
  const { width, height, frame } = header;
  const reducer = new BoxReducer(width, height, reduction, (size) => workspace.bytes(size));
  const row = workspace.bytes(width * 3).fill(255);
  for (let y = 0; y < height; y++) {
    const inside = y >= frame.y && y < frame.y + frame.height;
    if (!inside) reducer.add(row, width, y);
  }
  const colours = colourTable(frame);
  const rows = rowOrder(frame);
  const begin = frame.x * 3;
  const end = begin + frame.width * 3;
  let at = begin;
  decodeLzw(new Bytes(bytes), frame.data, frame.width * frame.height, (index) => {
    row[at++] = colours[index * 3]!;
    row[at++] = colours[index * 3 + 1]!;
    row[at++] = colours[index * 3 + 2]!;
    if (at < end) return;
    at = begin;
    reducer.add(row, width, frame.y + rows.next().value!);
  });
  return reducer.finish();
}

/** RGB per index: black beyond the palette, white for the transparent index. */
function colourTable({ palette, transparent }: GifFrame): Uint8Array {
  const colours = new Uint8Array(256 * 3);
  colours.set(palette);
  if (transparent !== undefined) colours.fill(255, transparent * 3, transparent * 3 + 3);
  return colours;
}

function* rowOrder({ height, interlaced }: GifFrame): Generator<number> {
  for (const [first, step] of interlaced ? PASSES : [[0, 1] as const]) {
    for (let y = first; y < height; y += step) yield y;
  }
}
