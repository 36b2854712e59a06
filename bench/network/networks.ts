import { googlenet, type Network, type Preprocessing, type Tensors } from '@hebb/model';
import type { Input } from './input.ts';
import { quantized } from './quantized.ts';

/** A network that every engine is measured on, with the weights that every engine runs. */
export interface BenchNetwork {
  readonly id: 'plain' | 'lrn';
  readonly title: string;
  readonly network: Network;
  /** float32; batch norm folded. */
  readonly weights: Tensors;
  /** The same, quantised: bytes of `weights.int8.safetensors`. */
  readonly int8: Uint8Array<ArrayBuffer>;
  readonly preprocessing: Preprocessing;
}

/** The weights that everything is measured with, as a package holds them. */
export interface Source {
  readonly network: Network;
  /** float32; batch norm folded. */
  readonly weights: Tensors;
  /** The package's own int8 weights, where it was quantised. */
  readonly int8?: Uint8Array<ArrayBuffer>;
  readonly preprocessing: Preprocessing;
  /** Where the weights come from, in words. */
  readonly title: string;
}

/**
 * The networks to measure. A network with LRN is also measured without it, with the same weights:
 * the peers' int8 runtimes have no LRN. What it then answers means little, but it is one and the
 * same answer for every engine, which is all that a comparison needs.
 */
export async function benchNetworks(
  source: Source,
  calibration: readonly Input[],
): Promise<readonly BenchNetwork[]> {
  const own = source.int8 ?? (await quantized(source, calibration));
  const hasLrn = source.network.layers.some((layer) => layer.kind === 'lrn');
  const given = { ...source, int8: own };
  if (!hasLrn) return [{ ...given, id: 'plain', title: 'GoogLeNet without LRN' }];
  // A folded batch norm leaves kernel and bias: bn5x5 then is the paper's network less its LRN.
  const spec = { ...source.network.spec, variant: 'bn5x5', folded: true } as const;
  const plain = { ...source, network: googlenet(spec) };
  const int8 = await quantized(plain, calibration);
  return [
    { ...plain, int8, id: 'plain', title: 'GoogLeNet without LRN' },
    { ...given, id: 'lrn', title: 'GoogLeNet with LRN' },
  ];
}
