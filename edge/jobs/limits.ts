/** Limits of jobs; those that run are in ../limits.ts. */
export interface JobLimits {
  /** How long sending the images may take, ms; what is older and no job was broken off. */
  readonly uploadMs: number;
  /** How long a job is worked on, and how long its inputs are kept, ms from its start. */
  readonly workMs: number;
  /** How long job and results are kept, ms from its start. */
  readonly keepMs: number;
  /** How long nothing may happen to a job before its messages are sent again, ms; doubles each time. */
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

export interface BackOff {
  /** After the first failure; doubles with each. */
  readonly firstSeconds: number;
  readonly atMostSeconds: number;
}
