import type { ClassifyQuery, JobQuery } from '@hebb/protocol/api/options';

/** How images are classified; the Worker has defaults for all of it. */
export interface Questions {
  /** Number of predictions. */
  readonly top?: number;
  readonly engine?: ClassifyQuery['engine'];
  readonly tier?: ClassifyQuery['tier'];
  /** If the best score of an int8 answer is lower, full precision is used; 0 to 1. */
  readonly escalateBelow?: number;
}

export interface Deadline {
  /** Deadline of the whole answer, ms from now. */
  readonly deadlineMs?: number;
}

export interface Webhook {
  /** A URL that is called when the job has ended. */
  readonly webhook?: string;
}

type Query = { readonly [Name in keyof (ClassifyQuery & JobQuery)]: string | number | undefined };

/** The query of a request: `?top=3`, or nothing. */
export function questionQuery(options: Questions & Deadline & Webhook): string {
  const { top, engine, tier, escalateBelow, deadlineMs, webhook } = options;
  return queryOf({
    top,
    engine,
    tier,
    webhook,
    escalate_below: escalateBelow,
    deadline_ms: deadlineMs,
  } satisfies Query);
}

/** Leaves out undefined values. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}
