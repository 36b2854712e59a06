import type { AvifHeader } from './header.ts';

/** What decoding takes. */
export function avifMemory(header: AvifHeader, fileBytes: number): number {
  const { width, height, bitDepth, hasAlpha, samplesPerPixel } = header;
  const planes = width * height * (samplesPerPixel + (hasAlpha ? 1 : 0)) * (bitDepth > 8 ? 2 : 1);
  return 2e6 + fileBytes + planes * 1.5;
}
