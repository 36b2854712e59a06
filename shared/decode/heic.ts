/**
 * HEIF with a codec other than AV1, mostly HEVC: iPhones store photos as HEIC. The GPU tier decodes it
 * (gpu-tier/images/heic), the edge does not.
 * @module
 */
import { boxes } from './avif/boxes.ts';
import { brands, isAvif } from './avif/header.ts';
import { Bytes } from './bytes.ts';

/** Brands of HEIF (ISO/IEC 23008-12, 10.2 and annex B): HEVC's, those of any codec, image sequences. */
const BRANDS = /^(hei[cxms]|hev[cxms]|mif[12]|msf1)$/;

export function isHeic(data: Uint8Array): boolean {
  const file = new Bytes(data);
  if (file.length < 12 || !file.startsWith('ftyp', 4) || isAvif(file)) return false;
  return brands(file).some((brand) => BRANDS.test(brand));
}

/** Pixels of the largest picture, from its 'ispe' property; 0 if that cannot be read. */
export function heicPixels(data: Uint8Array): number {
  const file = new Bytes(data);
  let most = 0;
  const look = (begin: number, end: number) => {
    for (const { type, body, end: next } of boxes(file, begin, end)) {
      if (type === 'meta') look(body + 4, next);
      else if (type === 'iprp' || type === 'ipco') look(body, next);
      else if (type === 'ispe') most = Math.max(most, file.u32(body + 4) * file.u32(body + 8));
    }
  };
  try {
    look(0, file.length);
  } catch {
    // Damaged or truncated: the decoder reports it.
  }
  return most;
}
