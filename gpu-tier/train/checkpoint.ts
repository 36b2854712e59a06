/**
 * Checkpoints: all that a run needs to go on as if it had never stopped, in one safetensors file. The
 * sampler's state is the number of epochs: order and seeds follow from it.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HebbError,
  readSafetensors,
  type Tensor,
  tensorOf,
  writeSafetensors,
} from '../../shared/model/index.ts';
import { replaceFile } from '../storage/write-file.ts';
import type { TrainingState } from './graph/session.ts';

const FILE = 'checkpoint.safetensors';
/** Epochs and steps, as a tensor: safetensors metadata are not read back. */
const PROGRESS = 'progress';

export interface Checkpoint {
  /** Epochs that are done. */
  readonly epoch: number;
  /** Steps that are done. */
  readonly step: number;
  readonly state: TrainingState;
}

/** Writes beside the old one, flushes, and puts it in its place: there is always a whole one. */
export async function writeCheckpoint(
  dir: string,
  { epoch, step, state }: Checkpoint,
  shapes: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Promise<void> {
  const tensors = new Map<string, Tensor>([
    [PROGRESS, { dtype: 'I32', shape: [2], data: Int32Array.of(epoch, step) }],
  ]);
  for (const { name, shape } of shapes) {
    tensors.set(name, { dtype: 'F32', shape, data: state.get(name) as Float32Array<ArrayBuffer> });
  }
  await replaceFile(join(dir, FILE), writeSafetensors(tensors));
}

/** The run's last checkpoint; undefined when it was stopped before its first. */
export async function readCheckpoint(dir: string): Promise<Checkpoint | undefined> {
  const file = join(dir, FILE);
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
