import { CODEC_BASE_BYTES, type DecodeMemory } from '../memory.ts';
import { type Reduction, reducedSize } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { hasDcScans } from './progressive-dc.ts';

/** What decoding takes at this reduction. */
export function jpegMemory(
  header: JpegHeader,
  fileBytes: number,
  reduction: Reduction,
): DecodeMemory {
  const { width, height, components, singleScan } = header;
  const output = reducedSize(width, height, reduction);
  const outputPixels = output.width * output.height;
  if (reduction === 8 && hasDcScans(header)) {
    // Coefficients, planes twice; RGB.
    return { codecBytes: 0, bufferBytes: outputPixels * (4 * components.length + 3) };
  }
  const picture = outputPixels * (components.length === 4 ? 4 : 3); // RGB or CMYK
  const strips = output.width * components.length * 64; // rows of MCUs that libjpeg works on
  const whole = singleScan ? 0 : coefficients(header);
  return {
    codecBytes: CODEC_BASE_BYTES + fileBytes + picture + strips + whole,
    bufferBytes: outputPixels * 3,
  };
}

/** All coefficients of the picture, 16 bits each, which files of several scans need at once. */
function coefficients({ width, height, components }: JpegHeader): number {
  const maxH = Math.max(...components.map((c) => c.horizontal));
  const maxV = Math.max(...components.map((c) => c.vertical));
  const mcus = Math.ceil(width / (8 * maxH)) * Math.ceil(height / (8 * maxV));
  const blocks = components.reduce((sum, c) => sum + c.horizontal * c.vertical, 0);
  return mcus * blocks * 128;
}
