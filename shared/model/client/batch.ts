/**
 * The lines of a batch's answer.
 * @module
 */
import type { Line } from '../api/classification.ts';
import type { ErrorBody } from '../errors.ts';
import { HebbError } from '../errors.ts';
import { readLines } from './ndjson.ts';
import { brokenOff, isErrorBody } from './service-error.ts';

/**
 * A line for each image, in their order. Throws what ended the batch early; `edge_unreachable` when the
 * connection did.
 * @param images how many there are
 */
export async function* batchLines(
  response: Response,
  { edge, images, signal }: { edge: string; images: number; signal: AbortSignal | undefined },
): AsyncGenerator<Line> {
  let count = 0;
  try {
    for await (const text of readLines(response.body!)) {
      const line = JSON.parse(text) as Line | ErrorBody;
      if (!('index' in line)) throw ended(line);
      count++;
      yield line;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HebbError ? error : brokenOff(edge, error);
  }
  if (count < images) throw brokenOff(edge);
}

function ended(line: ErrorBody): HebbError {
  if (!isErrorBody(line)) return new HebbError('internal', 'A line has neither index nor error.');
  const { code, message, hint } = line.error;
  return new HebbError(code, message, { hint });
}
