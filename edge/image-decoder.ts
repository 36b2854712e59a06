import type { DecodeArena } from '../shared/decode/arena.ts';
import { decodeInput } from '../shared/decode/decode.ts';
import { checkMemory, planDecode } from '../shared/decode/plan.ts';
import type { ImageDecoder } from './classification.ts';

/** The decoder of this isolate. */
export function imageDecoder(arena: DecodeArena): ImageDecoder {
  return {
    prepare(image, preprocessing) {
      const plan = planDecode(image, preprocessing.resize);
      checkMemory(plan, arena.maxBytes);
      return {
        need: { bytes: preprocessing.crop ** 2 * 3, sharedBytes: plan.bytes },
        decode: () => decodeInput(image, plan, arena, preprocessing),
      };
    },
  };
}
