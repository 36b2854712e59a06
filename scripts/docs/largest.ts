import { LIMITS } from '../../edge/limits.ts';
import { MAX_PIXELS } from '../../shared/decode/plan.ts';
import { largestTable } from '../../test/decode/largest.ts';

/** The text about sizes in docs/api.md. */
export async function largestText(): Promise<string> {
  const { body, decoding } = LIMITS;
  const megabytes = (bytes: number) => `${bytes / 1e6} MB`;
  return `In every format a file may have ${megabytes(body.bytes)} and a picture ${Math.floor(MAX_PIXELS / 1e6)} megapixels. The memory for
decoding, ${megabytes(decoding.arenaBytes)}, sets a lower limit for some formats:

${await largestTable()}`;
}
