import type { ReducedImage } from '../../model/index.ts';
import { Bytes, broken } from '../bytes.ts';
import type { CodecPool } from '../codec-pool.ts';
import type { Reduction } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { decodeDc, hasDcScans } from './progressive-dc.ts';
import { scans } from './scans.ts';
import { decodeTurbo } from './turbo.ts';

/**
 * Every scan may cost a pass over all coefficients, however few bytes it has. Encoders write
 * about ten.
 */
const MAX_SCANS = 64;

export async function decodeJpeg(
  pool: CodecPool,
  bytes: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  if (reduction === 8 && hasDcScans(header)) return decodeDc(bytes, header);
  if (!header.singleScan) limitScans(bytes);
  return decodeTurbo(pool, bytes, header, reduction);
}

function limitScans(bytes: Uint8Array): void {
  let count = 0;
  for (const _ of scans(new Bytes(bytes))) {
    if (++count > MAX_SCANS) throw broken(`it has more than ${MAX_SCANS} scans`);
  }
}
