/**
 * A Worker that decodes what is posted to it, with the codecs as a Worker imports them.
 * @module
 */
import { DecodeArena } from '../../shared/decode/arena.ts';
import { workerCodecs } from '../../shared/decode/codecs.ts';
import { decodeInput } from '../../shared/decode/decode.ts';
import { planDecode } from '../../shared/decode/plan.ts';
import { HebbError, sha256 } from '../../shared/model/index.ts';
import { ARENA_BYTES, PREPROCESSING } from './settings.ts';

const arena = new DecodeArena(workerCodecs, ARENA_BYTES);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const plan = planDecode(bytes, PREPROCESSING.resize);
      const { format, width, height } = plan.header;
      const digest = await sha256(await decodeInput(bytes, plan, arena, PREPROCESSING));
      return Response.json({ format, width, height, digest });
    } catch (error) {
      if (error instanceof HebbError) {
        return Response.json(error.toBody(), { status: error.status });
      }
      return new Response(String(error), { status: 500 });
    }
  },
};
