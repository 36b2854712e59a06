/**
 * What `POST /v1/classify`, `/v1/batch` and `/v1/jobs` have in common: how images are classified.
 * @module
 */
import type { EngineName, TierWish } from '../../shared/model/api/options.ts';
import { classifyQuery } from '../../shared/model/api/options.ts';
import { type AppContext, keepAliveOf } from '../http/context.ts';
import { readQuery } from '../http/parameters.ts';
import type { Models } from '../models/models.ts';

export interface Questions {
  readonly top: number;
  readonly engine: EngineName;
  readonly tier: TierWish;
  readonly escalateBelow?: number;
  readonly deadlineMs?: number;
}

/** Of a request for an answer now. */
export async function questionsOf(c: AppContext, models: Models): Promise<Questions> {
  const { deadline_ms: deadlineMs, ...query } = readQuery(
    c,
    classifyQuery(await classes(c, models)),
  );
  return { ...optionsOf(query), ...(deadlineMs !== undefined && { deadlineMs }) };
}

/** How many the model has that would answer. */
export async function classes(c: AppContext, models: Models): Promise<number> {
  return (await models.current(keepAliveOf(c))).manifest.labels.length;
}

/** As the code calls them. */
export function optionsOf({
  top,
  engine,
  tier,
  escalate_below: escalateBelow,
}: Omit<Questions, 'escalateBelow' | 'deadlineMs'> & { readonly escalate_below?: number }) {
  return { top, engine, tier, ...(escalateBelow !== undefined && { escalateBelow }) };
}
