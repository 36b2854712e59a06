import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  foldBatchNorm,
  googlenet,
  type Network,
  PACKAGE_FILES,
  type Preprocessing,
  type Tensors,
  writeSafetensors,
} from '@hebb/model';
import { createReference } from '@hebb/model/reference/reference';
import { findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { randomWeights } from '@hebb/test/support/random-weights';
import { calibrate } from '@hebb/train/quantize/calibrate';
import { quantize } from '@hebb/train/quantize/quantize';
import type { Input } from './inputs.ts';

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

/** What `hebb import` makes of the Model Zoo's GoogLeNet. */
const DEFAULT_PACKAGE = join('models', 'imagenet');

/** The weights to measure with: those of a package, or seeded random ones where there is none. */
export async function benchSource(name: string | undefined, cwd: string): Promise<Source> {
  if (name === undefined && !existsSync(join(cwd, DEFAULT_PACKAGE))) return randomSource();
  const { manifest, tensors, bytes } = await readPackage(findPackage(name ?? DEFAULT_PACKAGE, cwd));
  return {
    ...foldBatchNorm(googlenet(manifest.network), await tensors('f32')),
    ...(manifest.files[PACKAGE_FILES.int8] && { int8: await bytes('int8') }),
    preprocessing: manifest.preprocessing,
    title: `package ${manifest.name}, version ${manifest.version.slice(0, 12)}`,
  };
}

function randomSource(): Source {
  const network = googlenet({ variant: 'lrn', classes: 1000, inputSize: 224 });
  return {
    network,
    weights: randomWeights(network, 1),
    preprocessing: CENTRED,
    title: 'seeded random weights (He), no package imported',
  };
}

const CENTRED: Preprocessing = {
  channelOrder: 'rgb',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 64, 1 / 64, 1 / 64],
  resize: { rule: 'warp', size: 256 },
  crop: 224,
};

/** What `hebb quantize` chooses by itself, less its comparisons. */
const OPTIONS = { scales: { rule: 'percentile', percent: 99.99 }, biasCorrection: false } as const;

/** Quantises a network on these images: bytes of `weights.int8.safetensors`. */
async function quantized(
  {
    network,
    weights,
    preprocessing,
  }: { network: Network; weights: Tensors; preprocessing: Preprocessing },
  images: readonly Input[],
): Promise<Uint8Array<ArrayBuffer>> {
  const reference = createReference(await loadTfjsWasm(), network, weights);
  try {
    const pixels = images.map((image) => image.pixels);
    const calibration = calibrate(reference, preprocessing, pixels);
    const tensors = quantize(network, weights, preprocessing, calibration, OPTIONS);
    return new Uint8Array(writeSafetensors(tensors));
  } finally {
    reference.dispose();
  }
}
