import { checkBudget } from '../shared/decode/budget.ts';
import type { CodecPool } from '../shared/decode/codec-pool.ts';
import { decodeImage } from '../shared/decode/decode.ts';
import { sniff } from '../shared/decode/sniff.ts';
import { type Preprocessing, toInput } from '../shared/model/index.ts';
import { freeBody } from './body/read-body.ts';
import type { ImageDecoder } from './classification.ts';

/** The decoders of this isolate. @param budgetBytes most that one image may take */
export function imageDecoder(codecs: CodecPool, budgetBytes: number): ImageDecoder {
  return {
    need(image, { resize }) {
      const header = sniff(image);
      const memory = checkBudget(header, image.length, resize, budgetBytes);
      return { bytes: memory.bufferBytes, sharedBytes: memory.codecBytes };
    },
    async decode(image: Uint8Array, preprocessing: Preprocessing) {
      const options = { codecs, budgetBytes, target: preprocessing.resize };
      const decoded = await decodeImage(image, options);
      const input = toInput(decoded, preprocessing);
      freeBody(decoded.data as Uint8Array<ArrayBuffer>); // 2 MB of a photo
      return input;
    },
  };
}
