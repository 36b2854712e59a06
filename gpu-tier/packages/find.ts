import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model/errors';
import { PACKAGE_FILES } from '@hebb/model/package/manifest';

/** Default folder of packages, in the working directory. */
export const MODELS_FOLDER = 'models';

/** The model that is part of the project. */
export const BUILT_IN_MODEL = dirname(
  fileURLToPath(import.meta.resolve('@hebb/model/default/manifest.json')),
);

/** Default folder of a package with this name. */
export const defaultPackageFolder = (name: string, cwd: string): string =>
  join(cwd, MODELS_FOLDER, name);

/** The folder of a PACKAGE argument: a folder's path, or a name under models/. */
export function findPackage(argument: string, cwd: string): string {
  const candidates = [resolve(cwd, argument), defaultPackageFolder(argument, cwd)];
  const found = candidates.find((dir) => existsSync(join(dir, PACKAGE_FILES.manifest)));
  if (!found) {
    throw new HebbError('file_not_found', `There is no model package at ${argument}.`, {
      hint: `Give a folder that holds ${PACKAGE_FILES.manifest}, or the name of a package in ${MODELS_FOLDER}/.`,
    });
  }
  return found;
}
