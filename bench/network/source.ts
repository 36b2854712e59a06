import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { foldBatchNorm, googlenet, PACKAGE_FILES, type Preprocessing } from '@hebb/model';
import { findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { randomWeights } from '@hebb/test/support/random-weights';
import type { Source } from './networks.ts';

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
