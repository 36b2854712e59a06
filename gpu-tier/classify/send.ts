/**
 * Sends images to a Worker: one by itself, many in batches that follow each other.
 * @module
 */
import { API_LIMITS } from '../../shared/model/api/limits.ts';
import {
  type ClassifyOptions,
  type ErrorCode,
  type HebbClient,
  HebbError,
  type Line,
} from '../../shared/model/client/index.ts';
import type { Input } from './inputs.ts';

export interface Sent {
  readonly input: Input;
  readonly line: Line;
}

/** Images of one batch: what the edge alone can do in the CPU time that it has for a request. */
const BATCH_IMAGES = 100;
/** How often in a row a batch may break off without a single answer. */
const PATIENCE = 3;

/** What the service has no room for now, and has in the next batch. */
const LATER: readonly ErrorCode[] = ['edge_exhausted', 'overloaded'];

/** What became of each, in their order; `index` counts them all. Throws what ended it early. */
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
      // The client has asked several times already where nothing came at all.
      if (!brokeOff || done === before) throw error;
    }
    missed = done > before ? 0 : missed + 1;
  }
}

const isForLater = (line: Line): boolean => 'error' in line && LATER.includes(line.error.code);

/** Those at the front that go together; one that is too large for a batch goes by itself. */
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

/** Its line, also where the image is to blame. */
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

/** What is wrong with an image, not with the service or the request. */
const OF_THE_IMAGE: readonly ErrorCode[] = [
  'missing_image',
  'body_too_large',
  'image_too_large',
  'unsupported_format',
  'broken_image',
];
