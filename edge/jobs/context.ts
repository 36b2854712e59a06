import type { JobLimits } from './limits.ts';
import type { DeadMessage, JobMessage, MessageQueue } from './messages.ts';
import type { OpenMarks } from './open-marks.ts';
import type { JobStore } from './store.ts';

/** What every part of the work on jobs needs. */
export interface JobContext {
  readonly store: JobStore;
  readonly marks: OpenMarks;
  readonly queue: MessageQueue<JobMessage>;
  readonly deadLetters: MessageQueue<DeadMessage>;
  readonly limits: JobLimits;
  /** Ms since 1970. */
  readonly now: () => number;
}
