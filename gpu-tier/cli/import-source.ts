/**
 * Where `hebb import` gets its model and labels: files, or a download.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { isPackageName, type Label } from '../../shared/model/package/manifest.ts';
import { parseLabels } from '../import/labels.ts';
import { fetchZooLabels, fetchZooModel, type ZooModel } from '../import/zoo.ts';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { startProgress } from './progress.ts';

export interface SourceFlags {
  from?: 'zoo';
  labels?: string;
  name?: string;
}

export interface ImportSource {
  /** Of the ONNX file. */
  readonly path: string;
  /** Of the package. */
  readonly name: string;
  readonly labels: readonly Label[];
  readonly lineage?: Record<string, string>;
}

/** What the arguments ask for; downloads it where they ask for that. */
export async function findSource(
  file: string | undefined,
  flags: SourceFlags,
  cli: Cli,
  zoo: ZooModel,
): Promise<ImportSource> {
  const usage = (message: string, hint: string) =>
    new HebbError('invalid_argument', message, { hint });
  if ((file === undefined) === (flags.from === undefined)) {
    throw usage('Name one ONNX file, or give --from zoo.', 'hebb import --help has examples.');
  }
  const name = flags.name ?? (flags.from ? 'imagenet' : undefined);
  if (!name) throw usage('The package needs a name.', 'Give one with --name.');
  if (!isPackageName(name)) {
    throw usage(`${name} cannot be a package's name.`, 'Use lower-case letters, digits, - _ and .');
  }
  if (file !== undefined) {
    if (!flags.labels) throw usage('An ONNX file has no labels.', 'Give them with --labels FILE.');
    return { name, path: resolve(cli.cwd, file), labels: await readLabels(flags.labels, cli) };
  }
  return { name, ...(await fromZoo(flags.labels, cli, zoo)) };
}

async function fromZoo(labelFile: string | undefined, cli: Cli, zoo: ZooModel) {
  const options = { model: zoo, cache: cacheFolder(cli), fetch: cli.fetch };
  const progress = startProgress({
    label: `downloading ${zoo.file}`,
    total: zoo.bytes,
    unit: 'B',
    stream: cli.stderr,
    now: cli.now,
  });
  let path: string;
  try {
    path = await fetchZooModel({ ...options, onProgress: progress.update });
  } finally {
    progress.finish();
  }
  const labels = labelFile ? await readLabels(labelFile, cli) : await fetchZooLabels(options);
  const lineage = { source: 'ONNX Model Zoo', url: zoo.mirrors[0]!, license: zoo.license };
  return { path, labels, lineage };
}

async function readLabels(path: string, cli: Cli): Promise<Label[]> {
  const text = await readFile(resolve(cli.cwd, path), 'utf8').catch((cause: unknown) => {
    throw new HebbError('file_not_found', `The labels ${path} cannot be read.`, { cause });
  });
  return parseLabels(text);
}
