import type { Manifest } from '@hebb/model';

/** What `hebb quantize` measured, as it is committed. */
export interface QuantizeResult {
  readonly command: string;
  readonly date: string;
  readonly weights: string;
  readonly quantization: Required<NonNullable<Manifest['quantization']>>;
  readonly bytes: { readonly float: number; readonly int8: number };
}

/** What int8 costs, in a sentence. */
export function accuracyReport({ weights, quantization, bytes }: QuantizeResult): string {
  const { float, int8, agreement, evaluationImages, calibrationImages } = quantization;
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const megabytes = (value: number) => `${(value / 1e6).toFixed(1)} MB`;
  return [
    `What int8 costs: on ${evaluationImages} labelled photographs the ${weights} scores`,
    `${percent(float.top1)} top-1 and ${percent(float.top5)} top-5 in float32,`,
    `${percent(int8.top1)} and ${percent(int8.top5)} in int8, with the same answer in`,
    `${percent(agreement)} (\`hebb quantize\`, calibrated on ${calibrationImages} of them).`,
    `${megabytes(bytes.float)} of weights become ${megabytes(bytes.int8)}.`,
  ].join('\n');
}
