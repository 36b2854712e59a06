/**
 * Chooses the model package for a local Worker or a deployment.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { PACKAGE_FILES } from '@hebb/model/package/manifest';
import { BUILT_IN_MODEL, findPackage, MODELS_FOLDER } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';

/**
 * The folder of the package to serve: the named one (a folder, or a name in models/), else the newest quantised one in
 * models/, else the built-in one.
 * @param cwd parent of `models/`
 * @param skipped called for packages that cannot be read
 */
export async function chooseModel(
  named: string | undefined,
  cwd: string,
  skipped: (dir: string, reason: string) => void = () => {},
): Promise<string> {
  if (named !== undefined) {
    const dir = findPackage(named, cwd);
    if (await isQuantized(dir)) return dir;
    throw notQuantized(named, dir);
  }
  const candidates = await packagesIn(join(cwd, MODELS_FOLDER), skipped);
  const newest = candidates.find(({ quantized }) => quantized);
  return newest?.dir ?? BUILT_IN_MODEL;
}

/** The packages in a folder, newest first. */
async function packagesIn(folder: string, skipped: (dir: string, reason: string) => void) {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const dir = join(folder, name);
      const info = await stat(join(dir, PACKAGE_FILES.manifest)).catch(() => undefined);
      if (!info) return [];
      try {
        return [{ name, dir, time: info.mtimeMs, quantized: await isQuantized(dir) }];
      } catch (error) {
        skipped(dir, (error as Error).message);
        return [];
      }
    }),
  );
  return found.flat().sort((a, b) => b.time - a.time);
}

async function isQuantized(dir: string): Promise<boolean> {
  const info = await stat(join(dir, PACKAGE_FILES.manifest)).catch(() => undefined);
  if (!info) return false;
  return (await readPackage(dir)).manifest.files[PACKAGE_FILES.int8] !== undefined;
}

const notQuantized = (name: string, dir: string) =>
  new HebbError('model_unavailable', `The model in ${dir} has no int8 weights.`, {
    hint: `Quantise it: npx hebb quantize ${name} --calibrate FOLDER`,
  });
