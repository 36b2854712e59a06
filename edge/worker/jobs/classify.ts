/**
 * Classifies a job's images on the two tiers.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { BatchItem } from '../batch/item.ts';
import { ReadAhead } from '../batch/read-ahead.ts';
import { freeBody } from '../body/read-body.ts';
import type { MemoryBudget } from '../concurrency/memory-budget.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';
import type { DispatchOptions, ItemResult } from '../routing/result.ts';
import type { Classify } from './chunk.ts';
import type { Inputs } from './inputs.ts';

export interface JobClassifierOptions {
  readonly inputs: Inputs;
  readonly dispatch: (
    items: AsyncIterable<BatchItem>,
    options: DispatchOptions,
  ) => AsyncIterable<ItemResult>;
  /** The budget of encoded images, and the bytes above which no more is read ahead. */
  readonly bodies: MemoryBudget;
  readonly aheadBytes: number;
  readonly keepAlive: KeepAlive;
}

export function jobClassifier({ dispatch, keepAlive, ...options }: JobClassifierOptions): Classify {
  return async function* (job, indices) {
    const given = new Set<number>();
    const { requestId } = job;
    const items = readInputs(job.id, indices, (index) => given.add(index), options);
    const expected = job.images; // the policy decides for the job as a whole
    const request = { ...job.options, expected, patient: true, keepAlive, requestId };
    for await (const line of dispatch(items, request)) {
      yield { line, given: given.has(line.index) };
    }
  };
}

/** @param onError called with the indices of images whose input is an error */
async function* readInputs(
  id: string,
  indices: readonly number[],
  onError: (index: number) => void,
  { inputs, bodies, aheadBytes }: Pick<JobClassifierOptions, 'inputs' | 'bodies' | 'aheadBytes'>,
): AsyncGenerator<BatchItem> {
  const ahead = new ReadAhead(aheadBytes);
  for (const index of indices) {
    const input = await inputs.open(id, index);
    const head = { index, ...(input?.name !== undefined && { name: input.name }) };
    const place = await bodies.reserve(input?.bytes ?? 0);
    try {
      if (!input)
        throw new HebbError(
          'job_expired',
          'The image was deleted because the time of the job is over.',
        );
      const image = await input.read();
      yield* ahead.give({ ...head, image }, () => {
        freeBody(image);
        place.release();
      });
    } catch (error) {
      place.release();
      if (!(error instanceof HebbError)) throw error;
      onError(index);
      yield { ...head, error };
    }
    await ahead.room();
  }
}
