/**
 * Copies a model package to the Worker's static assets, as its built-in model.
 * @module
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkEngineFits } from '@hebb/engine';
import { type Manifest, PACKAGE_FILES } from '@hebb/model/package/manifest';
import { readPackage } from '@hebb/packages/folder';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { ASSET_PART_BYTES, assetParts } from '@hebb/worker/models/files';

/** Folder of the built-in model in the assets. */
const MODEL_FOLDER = 'model';

/**
 * Copies manifest and weights (large files in parts) to the folder `model` of `assets`, and verifies the weights. Does
 * nothing if this version is already there. Throws `model_too_large` or `invalid_package`.
 */
export async function stageModel(packageDir: string, assets: string): Promise<Manifest> {
  const { manifest, bytes } = await readPackage(packageDir);
  const int8 = manifest.files[PACKAGE_FILES.int8];
  if (int8) checkEngineFits(await loadKernels(), manifest.network, int8); // else the Worker would refuse it
  const target = join(assets, MODEL_FOLDER);
  const json = JSON.stringify(manifest);
  if (await isStaged(target, json)) return manifest;

  const fresh = `${target}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, PACKAGE_FILES.manifest), json);
  for (const precision of ['int8', 'f32'] as const) {
    const file = PACKAGE_FILES[precision];
    const digest = manifest.files[file];
    if (!digest) continue;
    const content = await bytes(precision);
    for (const [i, part] of assetParts(file, digest.bytes).entries()) {
      const start = i * ASSET_PART_BYTES;
      await writeFile(join(fresh, part), content.subarray(start, start + ASSET_PART_BYTES));
    }
  }
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await rename(fresh, target);
  return manifest;
}

/** Comparing manifests is enough: they contain the digests, and the folder is renamed when it is complete. */
async function isStaged(target: string, json: string): Promise<boolean> {
  try {
    return (await readFile(join(target, PACKAGE_FILES.manifest), 'utf8')) === json;
  } catch {
    return false;
  }
}
