/**
 * Checkpoints: one safetensors file with everything that a run needs to resume. A resumed run gives the
 * same bits as an uninterrupted one: order and seeds of the samples follow from epoch and step.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HebbError,
  readSafetensors,
  type Tensor,
  type Tensors,
  tensorOf,
  writeSafetensors,
} from '@hebb/model';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { TrainingState } from '../step/session.ts';
import type { Best } from './hold-out.ts';
import { isOptimizerState } from './state.ts';

/** File of a run's checkpoints. */
const CHECKPOINT = 'checkpoint.safetensors';
const BEST = 'best.safetensors';
/** These are tensors, because `readSafetensors` does not return metadata. */
const PROGRESS = 'progress';
const SCORE = 'score';

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
  const progress: Tensor = { dtype: 'I32', shape: [2], data: Int32Array.of(epoch, step) };
  const tensors = new Map([[PROGRESS, progress], ...tensorsOf(state, shapes)]);
  await replaceFile(join(dir, file), writeSafetensors(tensors));
}

type Shapes = readonly { readonly name: string; readonly shape: readonly number[] }[];

const tensorsOf = (state: TrainingState, shapes: Shapes): [string, Tensor][] =>
  shapes.map(({ name, shape }) => [
    name,
    { dtype: 'F32', shape, data: state.get(name) as Float32Array<ArrayBuffer> },
  ]);

/** Writes the best state so far, without the optimiser's memory. */
export async function writeBest(
  dir: string,
  { epoch, score, state }: Best,
  shapes: Shapes,
): Promise<void> {
  const weights = shapes.filter(({ name }) => !isOptimizerState(name));
  const tensors = new Map<string, Tensor>([
    [PROGRESS, { dtype: 'I32', shape: [1], data: Int32Array.of(epoch) }],
    [SCORE, { dtype: 'F32', shape: [2], data: Float32Array.of(score.accuracy, score.loss) }],
    ...tensorsOf(state, weights),
  ]);
  await replaceFile(join(dir, BEST), writeSafetensors(tensors));
}

/** The best state that a run has written; undefined before its first. */
export async function readBest(dir: string): Promise<Best | undefined> {
  const file = join(dir, BEST);
  if (!(await stat(file).catch(() => undefined))) return undefined;
  const tensors = readSafetensors(await readFile(file));
  const [epoch] = tensorOf(tensors, PROGRESS, 'I32', [1]).data;
  const [accuracy, loss] = tensorOf(tensors, SCORE, 'F32', [2]).data;
  return {
    epoch: epoch!,
    score: { accuracy: accuracy!, loss: loss! },
    state: stateOf(tensors, file),
  };
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
  return { epoch: epoch!, step: step!, state: stateOf(tensors, file) };
}

function stateOf(tensors: Tensors, file: string): Map<string, Float32Array> {
  const state = new Map<string, Float32Array>();
  for (const [name, { dtype, data }] of tensors) {
    if (name === PROGRESS || name === SCORE) continue;
    if (!(data instanceof Float32Array)) {
      throw new HebbError('invalid_package', `${name} of ${file} is ${dtype}.`);
    }
    state.set(name, data);
  }
  return state;
}
