import type { BackOff } from './back-off.ts';
import type { DeadMessage, JobMessage, MessageQueue } from './messages.ts';
import type { OpenMarks } from './open-marks.ts';
import type { JobStore } from './store.ts';

/** Dependencies of every step of a job. */
export interface JobContext {
  readonly store: JobStore;
  readonly marks: OpenMarks;
  readonly queue: MessageQueue<JobMessage>;
  readonly deadLetters: MessageQueue<DeadMessage>;
  readonly limits: JobLimits;
  /** Ms since 1970. */
  readonly now: () => number;
}

/** The defaults are in ../limits.ts. */
export interface JobLimits {
  /** Longest upload of the images, ms; an older upload without a job was aborted. */
  readonly uploadMs: number;
  /** How long a job is worked on and its inputs are kept, ms from its start. */
  readonly workMs: number;
  /** How long the job and its results are kept, ms from its start. */
  readonly keepMs: number;
  /** Without progress for this long, the messages of a job are sent again, ms; doubles each time. */
  readonly quietMs: number;
  /** Attempts at a chunk before it goes to the dead-letter queue. */
  readonly attempts: number;
  readonly backOff: BackOff;
  readonly webhook: {
    readonly timeoutMs: number;
    readonly attempts: number;
    readonly backOff: BackOff;
  };
}
