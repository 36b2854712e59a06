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
import { findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { randomWeights } from '@hebb/test/support/random-weights';
import { calibrate } from '@hebb/train/quantize/calibrate';
import { loadFloatNetwork } from '@hebb/train/quantize/float-network';
import { plainPlan, planTensors } from '@hebb/train/quantize/plan';
import type { Input } from './inputs.ts';

/** A network to measure, with the weights that every engine uses. */
export interface BenchNetwork {
  readonly id: 'plain' | 'lrn';
  readonly title: string;
  readonly network: Network;
  /** float32; batch norm folded. */
  readonly weights: Tensors;
  /** The quantised weights: bytes of `weights.int8.safetensors`. */
  readonly int8: Uint8Array<ArrayBuffer>;
  readonly preprocessing: Preprocessing;
}

/** The network and weights of a package, or random weights. */
export interface Source {
  readonly network: Network;
  /** float32; batch norm folded. */
  readonly weights: Tensors;
  /** The package's int8 weights, if it has them. */
  readonly int8?: Uint8Array<ArrayBuffer>;
  readonly preprocessing: Preprocessing;
  /** The origin of the weights, for the report. */
  readonly title: string;
}

/**
 * The networks to measure. A network with LRN is measured without it too, with the same weights, because the
 * peers' int8 runtimes have no LRN. Its answers are then inaccurate, but they are the same for every engine,
 * which is enough for a comparison.
 */
export async function benchNetworks(
  source: Source,
  calibration: readonly Input[],
): Promise<readonly BenchNetwork[]> {
  const own = source.int8 ?? (await quantized(source, calibration));
  const hasLrn = source.network.layers.some((layer) => layer.kind === 'lrn');
  const given = { ...source, int8: own };
  if (!hasLrn) return [{ ...given, id: 'plain', title: 'GoogLeNet without LRN' }];
  // With folded batch norm bn5x5 has only kernels and biases: it is the paper's network without LRN.
  const spec = { ...source.network.spec, variant: 'bn5x5', folded: true } as const;
  const plain = { ...source, network: googlenet(spec) };
  const int8 = await quantized(plain, calibration);
  return [
    { ...plain, int8, id: 'plain', title: 'GoogLeNet without LRN' },
    { ...given, id: 'lrn', title: 'GoogLeNet with LRN' },
  ];
}

/** The package of `hebb import --from zoo --name imagenet`. */
const DEFAULT_PACKAGE = join('models', 'imagenet');

/** The weights to measure with: those of the package, or seeded random ones without a package. */
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

/** Quantises a network with one scale per tensor, calibrated on these images. Returns the bytes of `weights.int8.safetensors`. */
async function quantized(
  {
    network,
    weights,
    preprocessing,
  }: { network: Network; weights: Tensors; preprocessing: Preprocessing },
  images: readonly Input[],
): Promise<Uint8Array<ArrayBuffer>> {
  const model = { network, weights, preprocessing };
  const reference = await loadFloatNetwork(model, {});
  try {
    const pixels = images.map((image) => image.pixels);
    const calibration = calibrate(reference, network, pixels);
    const plan = plainPlan(network, calibration, { rule: 'percentile', percent: 99.99 });
    return new Uint8Array(writeSafetensors(planTensors(model, plan)));
  } finally {
    reference.dispose();
  }
}
