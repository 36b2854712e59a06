import { HebbError } from '../../shared/model/errors.ts';
import type { EngineName } from '../engine/engine.ts';

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
