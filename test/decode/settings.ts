import type { Preprocessing } from '@hebb/model';
import { LIMITS } from '@hebb/worker/limits';

/** The preprocessing of the imported BVLC package. */
export const PREPROCESSING = {
  resize: { rule: 'warp', size: 256 },
  crop: 224,
} as const satisfies Pick<Preprocessing, 'resize' | 'crop'>;

/** Memory limit for one image at the edge, bytes. */
export const ARENA_BYTES = LIMITS.decoding.arenaBytes;
