/**
 * PNG, row by row: unfiltered, turned to RGB and reduced as the inflated data arrive, so that
 * there is no picture of full size besides them.
 * @module
 */
import { HebbError, type ReducedImage } from '../../model/index.ts';
import { Bytes, broken } from '../bytes.ts';
import { BoxReducer, type Reduction } from '../reduce.ts';
import { chunks } from './chunks.ts';
import type { PngHeader } from './header.ts';
import { inflate } from './inflate.ts';
import { RowReader } from './rows.ts';
import { rowToRgb } from './to-rgb.ts';

export async function decodePng(
  bytes: Uint8Array,
  header: PngHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  const { palette, transparency, parts } = collect(new Bytes(bytes));
  const reducer = new BoxReducer(header.width, header.height, reduction);
  const toRgb = rowToRgb(header, palette, transparency);
  const rgb = new Uint8Array(header.width * 3);
  const rows = new RowReader(header, (row, { count, y, x, step }) => {
    toRgb(row, count, rgb);
    reducer.add(rgb, count, y, x, step);
  });
  try {
    await inflate(parts, (piece) => rows.push(piece));
  } catch (error) {
    if (error instanceof HebbError) throw error;
    throw broken('its compressed data are damaged', error);
  }
  if (!rows.complete) throw broken('its picture data end too early');
  return reducer.finish();
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
