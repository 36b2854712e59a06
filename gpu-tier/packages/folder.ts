/**
 * Model packages on disk: a folder with a manifest, weights and a model card.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { asFloat32 } from '@hebb/model/package/float16';
import {
  type FileDigest,
  type Manifest,
  type ManifestDraft,
  PACKAGE_FILES,
  sealManifest,
  type WeightsFile,
} from '@hebb/model/package/manifest';
import { parseManifest } from '@hebb/model/package/parse-manifest';
import {
  readSafetensors,
  soundNumbers,
  type Tensor,
  type Tensors,
} from '@hebb/model/package/safetensors';
import { modelCard } from './card.ts';
import { replaceFolder } from './replace-folder.ts';
import { storageError } from './storage/storage-error.ts';

export type Precision = 'f32' | 'int8';

/** A package's folder; weights are read on demand. */
export interface PackageFolder {
  readonly dir: string;
  readonly manifest: Manifest;
  /** The bytes of a weights file, verified against the manifest's sha256. */
  bytes(precision: Precision): Promise<Uint8Array<ArrayBuffer>>;
  /** The tensors of a verified weights file. float16 tensors are converted to float32. */
  tensors(precision: Precision): Promise<Tensors>;
  /**
   * The verified text of split.json. Undefined for a package that was not trained by `hebb train`, or was
   * downloaded without that file.
   */
  split(): Promise<string | undefined>;
}

/** Input of `writePackage`, which derives digests, version and model card from it. */
export interface PackageContent {
  readonly manifest: Omit<ManifestDraft, 'files'>;
  /** Bytes of the safetensors files. */
  readonly weights: Readonly<Partial<Record<Precision, Uint8Array>>>;
  /** The text of split.json. */
  readonly split?: string | undefined;
}

/** Reads a package's manifest. Throws `file_not_found` or `invalid_package`. */
export async function readPackage(dir: string): Promise<PackageFolder> {
  const manifest = parseManifest((await readPart(dir, PACKAGE_FILES.manifest)).toString('utf8'));
  const bytes = async (precision: Precision): Promise<Uint8Array<ArrayBuffer>> => {
    const file = PACKAGE_FILES[precision];
    const digest = manifest.files[file];
    if (!digest) {
      throw new HebbError('invalid_package', `The package ${manifest.name} has no ${file}.`, {
        hint: precision === 'int8' ? `Run \`hebb quantize ${dir}\` first.` : 'Import it again.',
      });
    }
    return checked(await readPart(dir, file), file, digest);
  };
  return {
    dir,
    manifest,
    bytes,
    async split() {
      const digest = manifest.split;
      const text = digest && (await readPart(dir, PACKAGE_FILES.split).catch(() => undefined));
      return text && checked(text, PACKAGE_FILES.split, digest).toString('utf8');
    },
    tensors: async (precision) => {
      const tensors = readSafetensors(await bytes(precision));
      const float = precision === 'f32' ? asFloat32 : (tensor: Tensor) => tensor;
      return new Map(
        [...tensors].map(([name, tensor]) => [name, soundNumbers(name, float(tensor))]),
      );
    },
  };
}

/**
 * Writes a package atomically: into a temporary folder that is flushed to disk and then replaces the old one.
 * Files in the old folder that are not part of the format (a licence, notes) are kept. Returns the manifest
 * as written.
 *
 * Throws `invalid_argument` when `dir` exists and is not a package.
 */
export async function writePackage(dir: string, content: PackageContent): Promise<Manifest> {
  const target = resolve(dir);
  const kept = await otherFiles(target);
  const files: Partial<Record<WeightsFile, FileDigest>> = {};
  const parts = new Map<string, string | Uint8Array>();
  for (const precision of ['f32', 'int8'] as const) {
    const bytes = content.weights[precision];
    if (!bytes) continue;
    parts.set(PACKAGE_FILES[precision], bytes);
    files[PACKAGE_FILES[precision]] = { sha256: sha256Hex(bytes), bytes: bytes.byteLength };
  }
  const { split: _, ...draft } = content.manifest;
  const recorded = content.split === undefined ? undefined : Buffer.from(content.split);
  if (recorded) parts.set(PACKAGE_FILES.split, recorded);
  const split = recorded && { sha256: sha256Hex(recorded), bytes: recorded.byteLength };
  const manifest = await sealManifest({ ...draft, ...(split ? { split } : {}), files });
  const json = `${JSON.stringify(manifest, null, 2)}\n`;
  parseManifest(json); // never write a manifest that cannot be read
  parts.set(PACKAGE_FILES.manifest, json).set(PACKAGE_FILES.card, modelCard(manifest));

  await replaceFolder(target, parts, kept);
  return manifest;
}

/** Throws `invalid_argument` when `dir` exists and is not a package: `writePackage` would refuse it. */
export async function checkPackageFolder(dir: string): Promise<void> {
  await otherFiles(resolve(dir));
}

/** Files in `dir` that are not part of the package format; undefined when there is no `dir`. */
async function otherFiles(dir: string): Promise<string[] | undefined> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if ((cause as NodeJS.ErrnoException).code === 'EACCES') throw storageError(cause, dir) ?? cause;
    throw new HebbError('invalid_argument', `${dir} is not a readable folder.`, { cause });
  }
  if (names.length > 0 && !names.includes(PACKAGE_FILES.manifest)) {
    throw new HebbError('invalid_argument', `${dir} is not empty and not a model package.`, {
      hint: 'Give a new folder, or the folder of a package to replace.',
    });
  }
  const own = new Set<string>(Object.values(PACKAGE_FILES));
  return names.filter((name) => !own.has(name));
}

async function readPart(dir: string, file: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(join(dir, file));
  } catch (cause) {
    throw new HebbError('file_not_found', `There is no ${file} in ${dir}.`, {
      hint: 'Give the folder of a model package, or create one with `hebb import`.',
      cause,
    });
  }
}

function checked(bytes: Buffer<ArrayBuffer>, file: string, digest: FileDigest) {
  if (bytes.byteLength !== digest.bytes || sha256Hex(bytes) !== digest.sha256) {
    throw new HebbError('invalid_package', `${file} is not the file that the manifest describes.`);
  }
  return bytes;
}

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
