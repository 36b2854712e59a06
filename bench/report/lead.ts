import type { EnginesResult } from '../results.ts';
import { sizeOutcomes } from '../targets.ts';

/** The README's first sentence: what Hebb is, with its numbers, on the network with LRN. */
export function lead(result: EnginesResult): string {
  const engine = (id: string) => {
    const found = result.engines.find((one) => one.id === id && one.network === 'lrn');
    if (!found) throw new Error(`The results have no ${id} with LRN.`);
    return found;
  };
  const ms = (id: string) => Math.round(engine(id).ms.median);
  const [runtime] = sizeOutcomes(result);
  return [
    '**Hebb classifies images at the edge: a GoogLeNet in 8-bit integers that takes',
    `${ms('hebb-workerd')} ms an image on one thread in the runtime of Cloudflare Workers (${ms('hebb-node')} ms in Node, where TensorFlow.js takes`,
    `${ms('tfjs-wasm')} ms), ${runtime!.measured} of code and kernels; a GPU tier with the same network in full precision takes`,
    'large batches, and trains it on your own classes.**',
  ].join('\n');
}
