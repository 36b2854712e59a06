/**
 * `POST /v1/classify`: an image in, labels out.
 * @module
 */
import type { Handler } from 'hono';
import { HebbError } from '../../shared/model/errors.ts';
import type { BatchItem } from '../batch/item.ts';
import { explained } from '../body/mistakes.ts';
import { announcedBytes, freeBody } from '../body/read-body.ts';
import { mediaTypeOf, readImage } from '../body/read-image.ts';
import { cacheUse } from '../cache/result-cache.ts';
import type { Classification } from '../classification.ts';
import type { MemoryBudget, Reservation } from '../concurrency/memory-budget.ts';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import { LIMITS } from '../limits.ts';
import type { Models } from '../models/models.ts';
import type { Dispatcher } from '../routing/dispatcher.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { questionsOf } from './options.ts';

export interface ClassifyDependencies {
  readonly models: Models;
  readonly dispatcher: Dispatcher;
  /** The budget that encoded images stay in. */
  readonly bodies: MemoryBudget;
  readonly fetchImage: FetchImage;
}

export function classify(dependencies: ClassifyDependencies): Handler<AppEnv> {
  return async (c) => {
    const work = classification(c, dependencies);
    // When the client goes away the request is dropped where it stands, and what it has reserved
    // with it. Kept alive it goes on until the broken body, or the signal, ends it in order.
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
  { models, dispatcher, bodies, fetchImage }: ClassifyDependencies,
): Promise<Classification> {
  const request = c.req.raw;
  const { signal } = request;
  const keepAlive = keepAliveOf(c);
  const expected = announcedBytes(request.headers, LIMITS.body);
  const options = {
    ...(await questionsOf(c, models)),
    ...{ signal, keepAlive },
    cacheUse: cacheUse(request.headers),
    requestId: c.get('requestId'),
  };
  try {
    const item = await heldImage(request, expected, bodies, fetchImage);
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

/** The request's image; its memory is given back as soon as the pixels are there. */
async function heldImage(
  request: Request,
  expected: number,
  bodies: MemoryBudget,
  fetchImage: FetchImage,
): Promise<BatchItem> {
  const { signal } = request;
  const body = await held(bodies, expected, signal, async () => {
    const source = await readImage(request, expected, LIMITS.body);
    return 'url' in source ? source : source.image;
  });
  if (!('url' in body.value)) return itemOf(body.value, body.place);
  body.place.release();
  const { url } = body.value;
  const fetched = await held(bodies, LIMITS.url.bytes, signal, () => fetchImage(url, { signal }));
  return itemOf(fetched.value, fetched.place);
}

function itemOf(image: Uint8Array<ArrayBuffer>, place: Reservation): BatchItem {
  const release = () => {
    if (image.buffer.byteLength > 0) freeBody(image);
    place.release();
  };
  return { index: 0, image, hold: () => release };
}

/** What `read` gives, with the memory that was set aside for it. */
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

/** Nobody reads this answer; it keeps the log free of errors that are none. */
const gone = (cause: unknown) =>
  new HebbError('body_incomplete', 'The client went away.', { cause });
