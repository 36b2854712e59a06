/**
 * Checkpoints: one safetensors file with everything that a run needs to resume. A resumed run gives the
 * same bits as an uninterrupted one: order and seeds of the samples follow from epoch and step.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError, readSafetensors, type Tensor, tensorOf, writeSafetensors } from '@hebb/model';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { TrainingState } from '../step/session.ts';

/** File of a run's checkpoints. */
const CHECKPOINT = 'checkpoint.safetensors';
/** Epochs and steps are a tensor, because `readSafetensors` does not return metadata. */
const PROGRESS = 'progress';

export interface Checkpoint {
  /** Finished epochs. */
  readonly epoch: number;
  /** Finished steps. */
  readonly step: number;
  readonly state: TrainingState;
}

/** Writes beside the old checkpoint, flushes, and renames: a crash never leaves half a file. */
export async function writeCheckpoint(
  dir: string,
  { epoch, step, state }: Checkpoint,
  shapes: readonly { readonly name: string; readonly shape: readonly number[] }[],
  file = CHECKPOINT,
): Promise<void> {
  const tensors = new Map<string, Tensor>([
    [PROGRESS, { dtype: 'I32', shape: [2], data: Int32Array.of(epoch, step) }],
  ]);
  for (const { name, shape } of shapes) {
    tensors.set(name, { dtype: 'F32', shape, data: state.get(name) as Float32Array<ArrayBuffer> });
  }
  await replaceFile(join(dir, file), writeSafetensors(tensors));
}

/** The run's last checkpoint; undefined before the first one. */
export async function readCheckpoint(
  dir: string,
  name = CHECKPOINT,
): Promise<Checkpoint | undefined> {
  const file = join(dir, name);
  if (!(await stat(file).catch(() => undefined))) return undefined;
  const tensors = readSafetensors(await readFile(file));
  const [epoch, step] = tensorOf(tensors, PROGRESS, 'I32', [2]).data;
  const state = new Map<string, Float32Array>();
  for (const [name, { dtype, data }] of tensors) {
    if (name === PROGRESS) continue;
    if (!(data instanceof Float32Array)) {
      throw new HebbError('invalid_package', `${name} of ${file} is ${dtype}.`);
    }
    state.set(name, data);
  }
  return { epoch: epoch!, step: step!, state };
}
