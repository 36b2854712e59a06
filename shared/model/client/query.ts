import type { ClassifyQuery, JobQuery } from '../api/options.ts';

/** How images are classified; what is left out the Worker decides. */
export interface Questions {
  /** How many predictions. */
  readonly top?: number;
  readonly engine?: ClassifyQuery['engine'];
  readonly tier?: ClassifyQuery['tier'];
  /** An int8 answer whose best score is lower is asked again in full precision; 0 to 1. */
  readonly escalateBelow?: number;
}

export interface Deadline {
  /** By when the whole answer is wanted, ms from now. */
  readonly deadlineMs?: number;
}

export interface Webhook {
  /** A URL that is told when the job has ended. */
  readonly webhook?: string;
}

type Query = { readonly [Name in keyof (ClassifyQuery & JobQuery)]: string | number | undefined };

/** The query of a request: `?top=3`, or nothing. */
export function questionQuery(options: Questions & Deadline & Webhook): string {
  const { top, engine, tier, escalateBelow, deadlineMs, webhook } = options;
  return queryOf({
    ...{ top, engine, tier, webhook },
    escalate_below: escalateBelow,
    deadline_ms: deadlineMs,
  } satisfies Query);
}

/** What is undefined is left out. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}
