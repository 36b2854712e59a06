import type { Bytes } from '../bytes.ts';
import { riffChunks } from '../webp/riff.ts';
import { MAX_PROFILE_BYTES } from './icc.ts';
import type { IccTag } from './tag.ts';

/** VP8X flag of a colour profile (RFC 9649, 2.7). Without it Chromium and libvips ignore the profile. */
const HAS_PROFILE = 0x20;

/** The ICC profile of a WebP, if it has one. Never throws. */
export function webpColour(file: Bytes): IccTag | undefined {
  try {
    for (const { type, body, end } of riffChunks(file, 12, file.length)) {
      if (type === 'VP8X' && (file.u8(body) & HAS_PROFILE) === 0) return undefined;
      if (type === 'ICCP') {
        if (end - body > MAX_PROFILE_BYTES) return undefined;
        return { kind: 'icc', profile: file.slice(body, end - body), grey: false };
      }
      // ICCP comes before the picture (2.7), and after VP8X.
      if (type !== 'VP8X') return undefined;
    }
  } catch {
    // Truncated: the decoder reports it.
  }
  return undefined;
}
