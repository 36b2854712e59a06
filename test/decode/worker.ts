/**
 * A Worker that decodes what is posted to it, with the codecs as a Worker imports them.
 * @module
 */
import { CodecPool } from '../../shared/decode/codec-pool.ts';
import { workerCodecs } from '../../shared/decode/codecs.ts';
import { decodeImage } from '../../shared/decode/decode.ts';
import { HebbError, sha256, toInput } from '../../shared/model/index.ts';
import { BUDGET_BYTES, PREPROCESSING } from './settings.ts';

const codecs = new CodecPool(workerCodecs);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const target = PREPROCESSING.resize;
      const image = await decodeImage(bytes, { codecs, budgetBytes: BUDGET_BYTES, target });
      const { format, width, height } = image;
      const digest = await sha256(toInput(image, PREPROCESSING));
      return Response.json({ format, width, height, digest });
    } catch (error) {
      if (error instanceof HebbError)
        return Response.json(error.toBody(), { status: error.status });
      return new Response(String(error), { status: 500 });
    }
  },
};
