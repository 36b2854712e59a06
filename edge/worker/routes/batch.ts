/**
 * `POST /v1/batch`: classifies many images; answers with a line of NDJSON for each, in their order.
 * @module
 */

import { ERRORS } from '@hebb/model/errors';
import type { Handler } from 'hono';
import { readBatch } from '../batch/read-batch.ts';
import type { Claim, Replays } from '../batch/replays.ts';
import { writeResults } from '../batch/write-results.ts';
import { cacheUse } from '../cache/result-cache.ts';
import type { MemoryBudget } from '../concurrency/memory-budget.ts';
import { withinMs } from '../concurrency/within-ms.ts';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import { drain } from '../http/drain.ts';
import { idempotencyDigest, idempotencyKeyOf } from '../jobs/idempotency.ts';
import { isTransient } from '../jobs/line.ts';
import type { Limits } from '../limits-of.ts';
import type { Models } from '../models/models.ts';
import type { Dispatcher } from '../routing/dispatcher.ts';
import type { DispatchOptions, ItemResult } from '../routing/result.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { optionsOfQuery } from './options.ts';

export interface BatchDependencies {
  readonly models: Models;
  readonly dispatcher: Dispatcher;
  /** The budget of encoded images. */
  readonly bodies: MemoryBudget;
  readonly fetchImage: FetchImage;
  readonly replays: Replays;
  readonly limits: Limits;
}

export const NDJSON = 'application/x-ndjson';

export function classifyBatch(dependencies: BatchDependencies): Handler<AppEnv> {
  const { dispatcher, bodies, fetchImage, limits } = dependencies;
  return async (c) => {
    const request = c.req.raw;
    const keepAlive = keepAliveOf(c);
    c.header('Content-Type', NDJSON);
    const ends = new AbortController();
    const options = { ...(await dispatchOptions(c, dependencies)), signal: ends.signal };
    const claimed = await claimKey(c, dependencies);
    if (claimed && 'lines' in claimed) {
      c.header('Idempotency-Replayed', 'true');
      return c.body(claimed.lines);
    }
    const claim = claimed?.claim;
    const drop = () => claim && keepAlive(claim.drop().catch(logged));
    const gone = () => {
      ends.abort();
      drop();
    };
    request.signal.addEventListener('abort', gone);
    const items = readBatch(request, { limits: limits.batch, fetchImage, bodies });
    let keep = claim !== undefined;
    const results = watched(dispatcher.classify(items, options), (result) => {
      // An image that failed without a tier may succeed next time.
      if ('error' in result && isTransient(ERRORS[result.error.code].status ?? 500)) keep = false;
    });
    const first = results.next();
    try {
      // An early error becomes the status of the response; a later one is a line.
      await withinMs(first, limits.batch.statusMs);
    } catch (error) {
      gone();
      throw error;
    }
    const stream = writeResults(first, results, {
      busyMs: limits.batch.busyMs,
      cancelled: gone,
      keepLines: claim !== undefined,
      drained: () => drain(request, limits.unread),
      ended(lines) {
        if (claim && keep && lines !== undefined) keepAlive(claim.finish(lines).catch(logged));
        else drop();
      },
    });
    return c.body(stream);
  };
}

async function dispatchOptions(
  c: AppContext,
  { models }: BatchDependencies,
): Promise<DispatchOptions> {
  return {
    ...(await optionsOfQuery(c, models)),
    cacheUse: cacheUse(c.req.raw.headers),
    keepAlive: keepAliveOf(c),
    requestId: c.get('requestId'),
  };
}

async function claimKey(
  c: AppContext,
  { replays }: BatchDependencies,
): Promise<{ lines: string } | { claim: Claim } | undefined> {
  const key = idempotencyKeyOf(c.req.raw.headers);
  if (key === undefined) return undefined;
  const digest = await idempotencyDigest(c.get('caller').id, key);
  return await replays.claim(digest, new URL(c.req.url).search);
}

/** Calls `look` with each result. */
async function* watched(
  results: AsyncGenerator<ItemResult>,
  look: (result: ItemResult) => void,
): AsyncGenerator<ItemResult> {
  for await (const result of results) {
    look(result);
    yield result;
  }
}

function logged(error: unknown): void {
  const fields = { level: 'error', event: 'batch_not_kept', cause: String(error) };
  console.error(JSON.stringify(fields));
}
