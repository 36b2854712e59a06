import { type Reduction, reducedSize } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { dcMemory, decodesDc } from './progressive-dc.ts';

/** Tables and stack of the codec's module, bytes; measured, as the rest here. */
const MODULE_BYTES = 120_000;

/** Bytes that decoding takes at this reduction, the picture included. */
export function jpegMemory(header: JpegHeader, fileBytes: number, reduction: Reduction): number {
  if (decodesDc(header, reduction)) return dcMemory(header);
  const { width, height, components, singleScan } = header;
  const output = reducedSize(width, height, reduction);
  const picture = output.width * output.height * (components.length === 4 ? 4 : 3); // RGB or CMYK
  const strips = output.width * 64; // rows of MCUs that libjpeg works on
  const whole = singleScan ? 0 : coefficients(header);
  return MODULE_BYTES + fileBytes + picture + strips + whole;
}

/** All coefficients of the picture, 16 bits each, which files of several scans need at once. */
function coefficients({ width, height, components }: JpegHeader): number {
  const maxH = Math.max(...components.map((c) => c.horizontal));
  const maxV = Math.max(...components.map((c) => c.vertical));
  const mcus = Math.ceil(width / (8 * maxH)) * Math.ceil(height / (8 * maxV));
  const blocks = components.reduce((sum, c) => sum + c.horizontal * c.vertical, 0);
  return mcus * blocks * 128;
}
