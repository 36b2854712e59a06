import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CURRENT_KEY } from '../../edge/models/registry.ts';
import { PACKAGE_FILES } from '../../shared/model/index.ts';
import type { TestPackage } from './package-folder.ts';
import type { TestWorker } from './worker.ts';

export interface PublishOptions {
  /** Changes a file's bytes on the way. */
  readonly alter?: (file: string, bytes: Buffer) => Buffer | undefined;
  readonly version?: string;
  /** Float32 weights as well (24 MB). */
  readonly float?: boolean;
}

/** Puts a package into the Worker's R2, and the pointer to it into its KV. */
export async function publish(
  worker: TestWorker,
  { dir, manifest }: TestPackage,
  options: PublishOptions = {},
): Promise<string> {
  const prefix = `models/${manifest.name}/${manifest.version}`;
  const bucket = await worker.miniflare.getR2Bucket('MODELS');
  const { manifest: head, int8, f32 } = PACKAGE_FILES;
  for (const file of [head, int8, ...(options.float ? [f32] : [])]) {
    const bytes = await readFile(join(dir, file));
    const altered = options.alter ? options.alter(file, bytes) : bytes;
    if (altered) await bucket.put(`${prefix}/${file}`, altered);
    else await bucket.delete(`${prefix}/${file}`);
  }
  const registry = await worker.miniflare.getKVNamespace('REGISTRY');
  const version = options.version ?? manifest.version;
  await registry.put(CURRENT_KEY, JSON.stringify({ name: manifest.name, version, prefix }));
  return prefix;
}
