import type { DeadLetterStatus } from '../../shared/model/jobs/status.ts';
import type { LineError } from './line.ts';

/** Images of a chunk that kept failing, as filed in the bucket. */
export interface DeadLetter {
  readonly images: readonly number[];
  readonly error: LineError;
  readonly attempts: number;
  /** Ms since 1970. */
  readonly at: number;
  /** That it is being tried again. */
  readonly replaying?: true;
}

export const deadLetterStatus = (chunk: number, letter: DeadLetter): DeadLetterStatus => ({
  chunk,
  images: letter.images,
  error: letter.error,
  attempts: letter.attempts,
  at: new Date(letter.at).toISOString(),
  ...(letter.replaying && { replaying: true }),
});
