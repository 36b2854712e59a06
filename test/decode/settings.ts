import type { Preprocessing } from '@hebb/model';
import { LIMITS } from '@hebb/worker/limits';

/** BVLC's, as the import gives it. */
export const PREPROCESSING = {
  resize: { rule: 'warp', size: 256 },
  crop: 224,
} as const satisfies Pick<Preprocessing, 'resize' | 'crop'>;

/** What one image may take at the edge, bytes. */
export const ARENA_BYTES = LIMITS.decoding.arenaBytes;
