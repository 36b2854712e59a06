import { brands, isAvif } from './avif/header.ts';
import { Bytes } from './bytes.ts';

/** Of HEIF (ISO/IEC 23008-12, 10.2 and annex B): HEVC's, those of any codec, image sequences. */
const BRANDS = /^(hei[cxms]|hev[cxms]|mif[12]|msf1)$/;

/**
 * HEIF with another codec than AV1, mostly HEVC: what iPhones store as HEIC. The GPU tier decodes it;
 * `sniff`, and so the edge, does not.
 */
export function isHeic(data: Uint8Array): boolean {
  const file = new Bytes(data);
  if (file.length < 12 || !file.startsWith('ftyp', 4) || isAvif(file)) return false;
  return brands(file).some((brand) => BRANDS.test(brand));
}
