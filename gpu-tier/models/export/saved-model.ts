import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { foldBatchNorm, googlenet, HebbError, type Manifest, type Tensors } from '@hebb/model';
import { inferenceGraph, type Precision } from '@hebb/tensorflow/graph/inference';
import { inferenceSavedModel, SAVED_MODEL_FILE } from '@hebb/tensorflow/graph/saved-model';
import { writeWhole } from './write-whole.ts';

/** Folder of a SavedModel for files that TensorFlow does not read. */
const EXTRA_ASSETS = 'assets.extra';

/**
 * Writes a package as a SavedModel: saved_model.pb, and assets.extra/labels.txt with one label per line in the
 * order of the outputs. Returns the size of saved_model.pb in bytes. Throws `invalid_argument` when `dir` is not
 * empty and not a SavedModel.
 */
export async function exportSavedModel(
  dir: string,
  manifest: Pick<Manifest, 'network' | 'preprocessing' | 'labels'>,
  weights: Tensors,
  precision: Precision,
): Promise<number> {
  await refuseOtherFolder(dir);
  const folded = foldBatchNorm(googlenet(manifest.network), weights);
  const { preprocessing, labels } = manifest;
  const graph = inferenceGraph({ ...folded, preprocessing }, { precision });
  const bytes = inferenceSavedModel(graph, folded.network.spec);
  await writeWhole(join(dir, SAVED_MODEL_FILE), bytes);
  const lines = labels.map(({ id, name }) => `${id ? `${id} ` : ''}${name}\n`).join('');
  await writeWhole(join(dir, EXTRA_ASSETS, 'labels.txt'), new TextEncoder().encode(lines));
  return bytes.length;
}

async function refuseOtherFolder(dir: string): Promise<void> {
  const files = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [] as string[];
    throw new HebbError('invalid_argument', `${dir} is not a readable folder.`, { cause });
  });
  if (files.length > 0 && !files.includes(SAVED_MODEL_FILE)) {
    throw new HebbError('invalid_argument', `${dir} is not empty and not a SavedModel.`, {
      hint: 'Give a new folder with --out, or a SavedModel to replace.',
    });
  }
}
