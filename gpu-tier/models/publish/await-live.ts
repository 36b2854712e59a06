import { setTimeout as sleep } from 'node:timers/promises';
import { BUILT_IN_SOURCE, type Release } from '@hebb/model';
import { type EdgeModel, readEdge, type ServedModel } from './edge.ts';

export interface AwaitLiveOptions {
  readonly edge: string;
  readonly fetch: typeof fetch;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** How long to wait, ms. */
  readonly timeoutMs: number;
}

/** Whether the Worker serves the model that the pointer names, and which model it answers with. */
export type Outcome =
  | { readonly kind: 'live'; readonly afterMs: number; readonly serving: ServedModel }
  | { readonly kind: 'refused'; readonly reason: string; readonly serving: ServedModel }
  | { readonly kind: 'not-yet'; readonly why: string };

const POLL_MS = 500;

/**
 * Polls a Worker until it serves the model, says why it does not, or the time is up.
 * @param wanted null for the model that was deployed with the Worker
 */
export async function awaitLive(
  wanted: Release | null,
  { edge, fetch, now, timeoutMs }: AwaitLiveOptions,
): Promise<Outcome> {
  const began = now();
  for (;;) {
    let why: string;
    try {
      const { current, refused } = await readEdge(edge, fetch);
      const live = wanted ? equal(current, wanted) : current.source === BUILT_IN_SOURCE;
      if (live) return { kind: 'live', afterMs: now() - began, serving: current };
      if (wanted && equal(refused, wanted)) {
        return { kind: 'refused', reason: refused!.reason, serving: current };
      }
      why = `it serves ${current.name} ${current.version.slice(0, 12)}`;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (now() - began > timeoutMs) return { kind: 'not-yet', why };
    await sleep(POLL_MS);
  }
}

const equal = (a: EdgeModel | undefined, b: EdgeModel): boolean =>
  a?.name === b.name && a.version === b.version;
