/**
 * A Worker that decodes the posted image, or at `/many` a body of many images (packed.ts), with the codecs as
 * Workers import them.
 * @module
 */
import { DecodeArena } from '@hebb/decode/arena';
import { workerCodecs } from '@hebb/decode/codecs';
import { decodeInput } from '@hebb/decode/decode';
import { planDecode } from '@hebb/decode/plan';
import { type ErrorBody, HebbError, sha256 } from '@hebb/model';
import { type Sizing, unpack } from './packed.ts';
import { ARENA_BYTES, PREPROCESSING } from './settings.ts';

const arena = new DecodeArena(workerCodecs, ARENA_BYTES);

interface Decoded {
  readonly format: string;
  /** Size of the stored picture, before EXIF's orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the network's input. */
  readonly digest: string;
}

/** The result for one image. A fault is an exception that is not a HebbError. */
export type Outcome = Decoded | ErrorBody | { readonly fault: string };

async function outcomeOf(bytes: Uint8Array, sizing: Sizing): Promise<Outcome> {
  try {
    const plan = planDecode(bytes, sizing.resize);
    const { format, width, height } = plan.header;
    const digest = await sha256(await decodeInput(bytes, plan, arena, sizing));
    return { format, width, height, digest };
  } catch (error) {
    if (error instanceof HebbError) return error.toBody();
    return { fault: String(error) };
  }
}

function statusOf(outcome: Outcome): number {
  if ('digest' in outcome) return 200;
  return 'error' in outcome ? new HebbError(outcome.error.code, '').status : 500;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const body = new Uint8Array(await request.arrayBuffer());
    if (new URL(request.url).pathname === '/many') {
      const outcomes: Outcome[] = [];
      for (const { bytes, sizing } of unpack(body)) outcomes.push(await outcomeOf(bytes, sizing));
      return Response.json(outcomes);
    }
    const outcome = await outcomeOf(body, PREPROCESSING);
    return Response.json(outcome, { status: statusOf(outcome) });
  },
};
