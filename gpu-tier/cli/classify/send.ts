/**
 * Sends images to a Worker: a single image alone, several in consecutive batches.
 * @module
 */

import {
  type ClassifyOptions,
  type ErrorCode,
  type HebbClient,
  HebbError,
  type Line,
} from '@hebb/client';
import { API_LIMITS } from '@hebb/protocol/api/limits';
import type { Input } from './inputs.ts';

export interface Sent {
  readonly input: Input;
  readonly line: Line;
}

/** Images per batch: as many as the edge alone can classify within the CPU time limit of a request. */
const BATCH_IMAGES = 100;
/** Consecutive batches without a single answer before giving up. */
const PATIENCE = 3;

/** Errors of temporary overload: the image is sent again in the next batch. */
const LATER: readonly ErrorCode[] = ['edge_exhausted', 'overloaded'];

/** Yields the result of each image in order; `index` counts over all batches. Throws an error that ends it. */
export async function* send(
  client: HebbClient,
  inputs: readonly Input[],
  options: ClassifyOptions,
): AsyncGenerator<Sent> {
  let done = 0;
  let missed = 0;
  while (done < inputs.length) {
    const before = done;
    try {
      const rest = inputs.slice(done, done + BATCH_IMAGES);
      for await (const line of answers(client, together(rest, inputs.length), options)) {
        if (isForLater(line) && (done > before || missed < PATIENCE)) break;
        yield { input: inputs[done]!, line: { ...line, index: done, name: inputs[done]!.name } };
        done++;
      }
    } catch (error) {
      const brokeOff = error instanceof HebbError && error.code === 'edge_unreachable';
      // Without any answer the client has already retried.
      if (!brokeOff || done === before) throw error;
    }
    missed = done > before ? 0 : missed + 1;
  }
}

const isForLater = (line: Line): boolean => 'error' in line && LATER.includes(line.error.code);

/** The first images, which form the next request. An image that is too large for a batch is sent alone. */
function together(inputs: readonly Input[], total: number): readonly Input[] {
  const large = inputs.findIndex(({ bytes }) => bytes > API_LIMITS.batch.imageBytes);
  if (total === 1 || large === 0) return inputs.slice(0, 1);
  return large < 0 ? inputs : inputs.slice(0, large);
}

async function* answers(
  client: HebbClient,
  inputs: readonly Input[],
  options: ClassifyOptions,
): AsyncGenerator<Line> {
  if (inputs.length > 1) {
    const images = await Promise.all(
      inputs.map(async ({ name, open }) => ({ name, image: await open() })),
    );
    return yield* client.batch(images, options);
  }
  yield await single(client, inputs[0]!, options);
}

/** The result of one image; errors of the image are part of the result. */
async function single(client: HebbClient, input: Input, options: ClassifyOptions): Promise<Line> {
  if (input.bytes > API_LIMITS.imageBytes) return { index: 0, error: tooLarge.toBody().error };
  try {
    return { index: 0, ...(await client.classify(await input.open(), options)) };
  } catch (error) {
    if (!(error instanceof HebbError) || !OF_THE_IMAGE.includes(error.code)) throw error;
    const { code, message, hint } = error;
    return { index: 0, error: { code, message, hint } };
  }
}

const tooLarge = new HebbError(
  'body_too_large',
  `The file has more than ${API_LIMITS.imageBytes / 1e6} MB.`,
);

/** Errors of an image, not of the service or the request. */
const OF_THE_IMAGE: readonly ErrorCode[] = [
  'missing_image',
  'body_too_large',
  'image_too_large',
  'unsupported_format',
  'broken_image',
];
