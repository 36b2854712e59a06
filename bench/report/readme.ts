import type { Manifest } from '@hebb/model';
import type { EnginesResult } from '../results.ts';
import { SPEED, sizeOutcomes, speedOutcomes } from '../targets.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The README's first sentence, with the figures of the network with LRN. */
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

/** The README's table: every peer and our engine in the same host, and the targets. */
export function readmeNumbers(result: EnginesResult): string {
  const { engines } = result;
  const rows = engines.flatMap(({ id, name, host, network, precision, ms, timesOurs }) => {
    const ours = engines.find((own) => own.id === timesOurs?.ours && own.network === network);
    if (!timesOurs || !ours) return [];
    const target = SPEED.find(({ peer }) => peer === id)?.times;
    return [
      [
        `${name} (${host})`,
        precision,
        network === 'lrn' ? 'yes' : 'no',
        ms.median.toFixed(1),
        ours.ms.median.toFixed(1),
        timesOurs.median.toFixed(2),
        target === undefined ? '' : String(target),
      ],
    ];
  });
  const head = ['peer', 'precision', 'LRN', 'its ms', 'our ms', 'speedup', 'target'];
  return [machineReport(result.machine), table(head, rows, 3), targets(result)].join('\n\n');
}

function targets(result: EnginesResult): string {
  const missed = speedOutcomes(result).some(({ met }) => met === false);
  const why =
    'The targets were set for a CPU with AVX-VNNI, where a dot product is one instruction.\n';
  const small = sizeOutcomes(result).map(({ what, target, measured, met }) => {
    return `${what} ${measured} (${target}: ${met ? 'met' : 'missed'})`;
  });
  const onOlder = missed && result.machine.avxVnni === false;
  return `${onOlder ? why : ''}${capital(small.join('; '))}.`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** The committed measurement of `hebb quantize`. */
export interface QuantizeResult {
  readonly command: string;
  readonly date: string;
  readonly weights: string;
  readonly quantization: Required<NonNullable<Manifest['quantization']>>;
  readonly bytes: { readonly float: number; readonly int8: number };
}

/** The accuracy in float32 and int8, as a paragraph. */
export function accuracyReport({ weights, quantization, bytes }: QuantizeResult): string {
  const { float, int8, agreement, evaluationImages, calibrationImages } = quantization;
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const megabytes = (value: number) => `${(value / 1e6).toFixed(1)} MB`;
  return [
    `Accuracy of int8: on ${evaluationImages} labelled photographs the ${weights} has`,
    `${percent(float.top1)} top-1 and ${percent(float.top5)} top-5 accuracy in float32,`,
    `${percent(int8.top1)} and ${percent(int8.top5)} in int8. The two give the same top-1 class for`,
    `${percent(agreement)} of the photographs (\`hebb quantize\`, calibrated on ${calibrationImages} of them).`,
    `The weights shrink from ${megabytes(bytes.float)} to ${megabytes(bytes.int8)}.`,
  ].join('\n');
}
