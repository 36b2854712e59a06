import { HebbError } from '../../shared/model/errors.ts';
import type { EngineName } from '../engine/engine.ts';
import type { TierWish } from '../routing/result.ts';

const DEFAULT_TOP = 5;
const ENGINES: readonly string[] = ['int8', 'tfjs'] satisfies EngineName[];

/** `?top=`: how many predictions, 1 to the number of classes; 5 (or all, of fewer) by default. */
export function topOption(text: string | undefined, classes: number): number {
  if (text === undefined) return Math.min(DEFAULT_TOP, classes);
  const top = Number(text);
  if (/^\d+$/.test(text) && top >= 1 && top <= classes) return top;
  throw new HebbError('invalid_argument', `top is "${text}"; it must be 1 to ${classes}.`);
}

/** `?engine=`: int8 by default. */
export function engineOption(text = 'int8'): EngineName {
  if (ENGINES.includes(text)) return text as EngineName;
  throw new HebbError('invalid_argument', `engine is "${text}"; it must be int8 or tfjs.`);
}

const WISHES: readonly string[] = ['auto', 'edge', 'gpu'] satisfies TierWish[];

/** `?tier=`: auto by default. */
export function tierOption(text = 'auto'): TierWish {
  if (WISHES.includes(text)) return text as TierWish;
  throw new HebbError('invalid_argument', `tier is "${text}"; it must be auto, edge or gpu.`);
}

/** Longest deadline that makes sense: who waits longer wants a job. */
const MAX_DEADLINE_MS = 3_600_000;

/** `?deadline_ms=`: by when the whole answer is wanted, ms from now. */
export function deadlineOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms >= 1 && ms <= MAX_DEADLINE_MS) return ms;
  const message = `deadline_ms is "${text}"; it must be whole ms from 1 to ${MAX_DEADLINE_MS}.`;
  throw new HebbError('invalid_argument', message);
}

/** `?escalate_below=`: the score under which an int8 answer is asked again, 0 to 1. */
export function escalateOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const score = Number(text);
  if (/^(0|1|0?\.\d+|1\.0+|0\.)$/.test(text) && score >= 0 && score <= 1) return score;
  throw new HebbError('invalid_argument', `escalate_below is "${text}"; it must be 0 to 1.`);
}
