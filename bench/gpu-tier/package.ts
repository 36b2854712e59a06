import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@hebb/model';
import { findPackage } from '@hebb/packages/find';
import { writePackage } from '@hebb/packages/folder';
import { type BenchContext, cacheFolder } from '../context.ts';
import { benchSource } from '../network/source.ts';

/** The folder of the package to serve: the one that was named, else models/imagenet, else random. */
export async function servedPackage(
  name: string | undefined,
  context: BenchContext,
): Promise<string> {
  const { cwd } = context;
  if (name !== undefined) return findPackage(name, cwd);
  if (existsSync(join(cwd, 'models', 'imagenet'))) return findPackage('imagenet', cwd);
  const { network, weights, preprocessing } = await benchSource(undefined, cwd);
  const dir = join(cacheFolder(context), 'random-package');
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await writePackage(dir, {
    manifest: {
      name: 'random',
      network: network.spec,
      preprocessing,
      labels: Array.from({ length: network.spec.classes }, (_, i) => ({ name: `class ${i}` })),
      lineage: { source: 'seeded random weights, for the bench' },
    },
    weights: { f32: writeSafetensors(weights) },
  });
  return dir;
}
