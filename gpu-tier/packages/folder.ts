/**
 * Model packages on disk: a folder of manifest, weights and a model card.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { asFloat32 } from '../../shared/model/package/float16.ts';
import {
  type FileDigest,
  type Manifest,
  type ManifestDraft,
  PACKAGE_FILES,
  sealManifest,
  type WeightsFile,
} from '../../shared/model/package/manifest.ts';
import { parseManifest } from '../../shared/model/package/parse-manifest.ts';
import {
  readSafetensors,
  soundNumbers,
  type Tensor,
  type Tensors,
} from '../../shared/model/package/safetensors.ts';
import { storageError } from '../storage/storage-error.ts';
import { modelCard } from './card.ts';
import { replaceFolder } from './replace-folder.ts';

export type Precision = 'f32' | 'int8';

/** A package's folder; weights are read when they are asked for. */
export interface PackageFolder {
  readonly dir: string;
  readonly manifest: Manifest;
  /** The bytes of a weights file, checked against the manifest's sha256. */
  bytes(precision: Precision): Promise<Uint8Array<ArrayBuffer>>;
  /** The tensors of a weights file, checked likewise. Floats are float32, however they are stored. */
  tensors(precision: Precision): Promise<Tensors>;
  /**
   * The text of split.json, checked likewise. Undefined for a package that was not trained here, and
   * for one that was fetched without it.
   */
  split(): Promise<string | undefined>;
}

/** What `writePackage` writes; digests, version and model card follow from it. */
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
 * Writes a package so that nobody ever reads half of one: everything goes into a folder beside it,
 * is flushed to disk and takes the old folder's place by renaming. Files in an older package that
 * are not the format's own (a licence, notes) are kept. Returns the manifest as written.
 *
 * Throws `invalid_argument` when `dir` is a folder of something else.
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
  parseManifest(json); // what cannot be read must not be written
  parts.set(PACKAGE_FILES.manifest, json).set(PACKAGE_FILES.card, modelCard(manifest));

  await replaceFolder(target, parts, kept);
  return manifest;
}

/** Throws `invalid_argument` when `dir` is a folder of something else, which a package may not replace. */
export async function checkPackageFolder(dir: string): Promise<void> {
  await otherFiles(resolve(dir));
}

/** Names of the files in `dir` that are not the package format's; undefined when there is no `dir`. */
async function otherFiles(dir: string): Promise<string[] | undefined> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if ((cause as NodeJS.ErrnoException).code === 'EACCES') throw storageError(cause, dir) ?? cause;
    throw new HebbError('invalid_argument', `${dir} is no folder that can be read.`, { cause });
  }
  if (names.length > 0 && !names.includes(PACKAGE_FILES.manifest)) {
    throw new HebbError('invalid_argument', `${dir} holds something that is no model package.`, {
      hint: 'Name a new folder, or one that holds a package to be replaced.',
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
      hint: 'Name the folder of a model package, or make one with `hebb import`.',
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
