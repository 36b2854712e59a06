/**
 * `POST /v1/classify`: classifies one image.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import type { Handler } from 'hono';
import type { BatchItem } from '../batch/item.ts';
import { explained } from '../body/mistakes.ts';
import { announcedBytes, freeBody } from '../body/read-body.ts';
import { mediaTypeOf, readImage } from '../body/read-image.ts';
import { cacheUse } from '../cache/result-cache.ts';
import type { Classification } from '../classification.ts';
import type { MemoryBudget, Reservation } from '../concurrency/memory-budget.ts';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import type { Limits } from '../limits-of.ts';
import type { Models } from '../models/models.ts';
import type { Dispatcher } from '../routing/dispatcher.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { optionsOfQuery } from './options.ts';

export interface ClassifyDependencies {
  readonly models: Models;
  readonly dispatcher: Dispatcher;
  /** The budget of encoded images. */
  readonly bodies: MemoryBudget;
  readonly fetchImage: FetchImage;
  readonly limits: Limits;
}

export function classify(dependencies: ClassifyDependencies): Handler<AppEnv> {
  return async (c) => {
    const work = classification(c, dependencies);
    // When the client disconnects, workerd drops the request without running `finally`. Kept alive, the
    // work ends in order, by the broken body or the signal, and frees its memory.
    keepAliveOf(c)(work.catch(() => {}));
    const answer = await work;
    const { decode_ms, infer_ms } = answer.timing;
    c.header('Server-Timing', `decode;dur=${decode_ms}, infer;dur=${infer_ms}`);
    c.header('X-Hebb-Cache', answer.cached ? 'hit' : 'miss');
    return c.json(answer);
  };
}

async function classification(
  c: AppContext,
  dependencies: ClassifyDependencies,
): Promise<Classification> {
  const { models, dispatcher, limits } = dependencies;
  const request = c.req.raw;
  const { signal } = request;
  const keepAlive = keepAliveOf(c);
  const expected = announcedBytes(request.headers, limits.body);
  const options = {
    ...(await optionsOfQuery(c, models)),
    signal,
    keepAlive,
    cacheUse: cacheUse(request.headers),
    requestId: c.get('requestId'),
  };
  try {
    const item = await heldImage(request, expected, dependencies);
    for await (const result of dispatcher.classify(oneItem(item), options)) {
      if (signal.aborted) throw gone(signal.reason);
      if ('error' in result) {
        const { code, message, hint } = result.error;
        throw explained(new HebbError(code, message, { hint }), mediaTypeOf(request.headers));
      }
      const { index: _, ...answer } = result;
      return answer;
    }
  } catch (error) {
    throw signal.aborted && !(error instanceof HebbError) ? gone(error) : error;
  }
  throw gone(signal.reason);
}

/** The request's image; its memory is freed as soon as it is decoded. */
async function heldImage(
  request: Request,
  expected: number,
  { bodies, fetchImage, limits }: ClassifyDependencies,
): Promise<BatchItem> {
  const { signal } = request;
  const body = await held(bodies, expected, signal, async () => {
    const source = await readImage(request, expected, limits.body);
    return 'url' in source ? source : source.image;
  });
  if (!('url' in body.value)) return itemOf(body.value, body.place);
  body.place.release();
  const { url } = body.value;
  const fetched = await held(bodies, limits.url.bytes, signal, () => fetchImage(url, { signal }));
  return itemOf(fetched.value, fetched.place);
}

function itemOf(image: Uint8Array<ArrayBuffer>, place: Reservation): BatchItem {
  const release = () => {
    if (image.buffer.byteLength > 0) freeBody(image);
    place.release();
  };
  return { index: 0, image, hold: () => release };
}

/** The value of `read`, with the memory that was reserved for it. */
async function held<T>(
  bodies: MemoryBudget,
  bytes: number,
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<{ value: T; place: Reservation }> {
  const place = await bodies.reserve(bytes, signal);
  try {
    return { value: await read(), place };
  } catch (error) {
    place.release();
    throw error;
  }
}

async function* oneItem(item: BatchItem): AsyncGenerator<BatchItem> {
  yield item;
}

/** Not read by anyone; keeps disconnects out of the log of unexpected errors. */
const gone = (cause: unknown) =>
  new HebbError('body_incomplete', 'The client disconnected.', { cause });
