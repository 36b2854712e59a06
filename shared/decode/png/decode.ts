/**
 * Decodes PNG row by row: unfilters, converts to RGB and reduces the data while they are inflated, so the
 * picture is never in memory at full size.
 * @module
 */

import type { ReducedImage } from '@hebb/model/preprocess/resize';
import type { Workspace } from '../arena.ts';
import { Bytes, broken } from '../bytes.ts';
import { Inflater } from '../codecs/inflate.ts';
import { BoxReducer, type Reduction } from '../reduce.ts';
import { chunks } from './chunks.ts';
import type { PngHeader } from './header.ts';
import { RowReader } from './rows.ts';
import { rowToRgb } from './to-rgb.ts';

export function decodePng(
  workspace: Workspace,
  file: Uint8Array,
  header: PngHeader,
  reduction: Reduction,
): ReducedImage {
  const { palette, transparency, parts } = collect(new Bytes(file));
  const buffer = (bytes: number) => workspace.bytes(bytes);
  const toRgb = rowToRgb(header, palette, transparency);
  // Allocate all buffers before the first row: later allocations of zlib must not move the memory.
  const reducer = new BoxReducer(header.width, header.height, reduction, buffer);
  const rgb = buffer(header.width * 3);
  const rows = new RowReader(header, buffer, (row, { count, y, x, step }) => {
    toRgb(row, count, rgb);
    reducer.add(rgb, count, y, x, step);
  });
  const inflater = new Inflater(workspace, parts);
  do rows.push(inflater.read());
  while (inflater.state === 'more' && !rows.complete);
  if (rows.complete) return reducer.finish(); // errors after the last row, a wrong checksum too, affect no pixel
  if (inflater.state === 'broken') throw broken('its compressed data are damaged');
  throw broken('its picture data end too early');
}

function collect(file: Bytes) {
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const parts: Uint8Array[] = [];
  for (const { type, data } of chunks(file)) {
    if (type === 'IDAT') parts.push(data);
    else if (type === 'PLTE') palette = data;
    else if (type === 'tRNS') transparency = data;
  }
  return { palette, transparency, parts };
}
