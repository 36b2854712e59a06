import { LIMITS } from '../../edge/limits.ts';
import { MAX_PIXELS } from '../../shared/decode/plan.ts';
import { largestTable } from '../../test/decode/largest.ts';

/** What stands in docs/api.md about sizes. */
export async function largestText(): Promise<string> {
  const { body, decoding } = LIMITS;
  const megabytes = (bytes: number) => `${bytes / 1e6} MB`;
  return `A file may have ${megabytes(body.bytes)}, a picture ${Math.floor(MAX_PIXELS / 1e6)} megapixels, in any format. Within these, the memory for
decoding ends it, ${megabytes(decoding.arenaBytes)}:

${await largestTable()}`;
}
