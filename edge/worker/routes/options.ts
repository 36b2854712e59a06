/**
 * The query parameters that `POST /v1/classify`, `/v1/batch` and `/v1/jobs` have in common.
 * @module
 */
import type { EngineName, TierWish } from '@hebb/protocol/api/options';
import { classifyQuery } from '@hebb/protocol/api/options';
import { type AppContext, keepAliveOf } from '../http/context.ts';
import { readQuery } from '../http/parameters.ts';
import type { Models } from '../models/models.ts';

export interface ClassifyOptions {
  readonly top: number;
  readonly engine: EngineName;
  readonly tier: TierWish;
  readonly escalateBelow?: number;
  readonly deadlineMs?: number;
}

/** Options of `/v1/classify` and `/v1/batch`. */
export async function optionsOfQuery(c: AppContext, models: Models): Promise<ClassifyOptions> {
  const { deadline_ms: deadlineMs, ...query } = readQuery(
    c,
    classifyQuery(await classes(c, models)),
  );
  return { ...optionsOf(query), ...(deadlineMs !== undefined && { deadlineMs }) };
}

/** Number of classes of the model. */
export async function classes(c: AppContext, models: Models): Promise<number> {
  return (await models.current(keepAliveOf(c))).manifest.labels.length;
}

/** Renames the parameters. */
export function optionsOf({
  top,
  engine,
  tier,
  escalate_below: escalateBelow,
}: Omit<ClassifyOptions, 'escalateBelow' | 'deadlineMs'> & { readonly escalate_below?: number }) {
  return { top, engine, tier, ...(escalateBelow !== undefined && { escalateBelow }) };
}
