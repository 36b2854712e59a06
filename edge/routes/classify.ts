/**
 * `POST /v1/classify`: an image in, labels out.
 * @module
 */
import type { Handler } from 'hono';
import { HebbError } from '../../shared/model/errors.ts';
import { announcedBytes, freeBody } from '../body/read-body.ts';
import { readImage } from '../body/read-image.ts';
import { cacheUse, type ResultCache } from '../cache/result-cache.ts';
import { type Classification, type Classifier, fromCache } from '../classification.ts';
import type { MemoryBudget } from '../concurrency/memory-budget.ts';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import { LIMITS } from '../limits.ts';
import type { Models } from '../models/models.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { engineOption, topOption } from './options.ts';

export interface ClassifyDependencies {
  readonly models: Models;
  readonly classifier: Classifier;
  /** The budget that encoded images stay in. */
  readonly bodies: MemoryBudget;
  readonly cache: ResultCache;
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
  { models, classifier, bodies, cache, fetchImage }: ClassifyDependencies,
): Promise<Classification> {
  const request = c.req.raw;
  const keepAlive = keepAliveOf(c);
  const engine = engineOption(c.req.query('engine'));
  const expected = announcedBytes(request.headers, LIMITS.body);
  const model = await models.current(keepAlive);
  const use = cacheUse(request.headers);
  const top = topOption(c.req.query('top'), model.manifest.labels.length);
  const look = async (image: Uint8Array<ArrayBuffer>) => {
    try {
      const entry = await cache.entry(image, model.manifest.version, { engine, top }, use);
      const known = await cache.find<Classification>(entry);
      if (known) return { known };
      return { entry, pixels: await classifier.pixels(image, model.manifest, request.signal) };
    } finally {
      freeBody(image);
    }
  };
  const { signal } = request;
  const read = async () => {
    const source = await readImage(request, expected, LIMITS.body);
    return 'url' in source ? source : await look(source.image);
  };
  const found = await bodies
    .use(expected, read, signal)
    .then(async (found) => {
      if (!('url' in found)) return found;
      const fetched = async () => await look(await fetchImage(found.url, { signal }));
      return await bodies.use(LIMITS.url.bytes, fetched, signal);
    })
    .catch((error: unknown) => {
      throw signal.aborted && !(error instanceof HebbError) ? gone(error) : error;
    });
  if (found.known) return fromCache(found.known);
  const answer = await classifier.predict(model, found.pixels, { engine, top, keepAlive });
  cache.keep(found.entry, answer, keepAlive);
  return answer;
}

/** Nobody reads this answer; it keeps the log free of errors that are none. */
const gone = (cause: unknown) =>
  new HebbError('body_incomplete', 'The client went away.', { cause });
