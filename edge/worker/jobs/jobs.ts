/**
 * Jobs in the Worker: wires the bindings to what the handlers call.
 * @module
 */
import type { KeepAlive } from '../concurrency/single-flight.ts';
import type { Env } from '../env.ts';
import type { Classify } from './chunk.ts';
import { consume } from './consumer.ts';
import type { JobContext, JobLimits } from './context.ts';
import { Inputs } from './inputs.ts';
import type { MessageBatch } from './messages.ts';
import { OpenMarks } from './open-marks.ts';
import { JobStore } from './store.ts';
import { RESTARTED, sweep } from './sweep.ts';
import type { WebhookSender } from './webhook/deliver.ts';
import { WebhookTargets } from './webhook/targets.ts';

/** The part of a scheduled event that is used. */
export interface Schedule {
  readonly cron: string;
  /** Ms since 1970. */
  readonly scheduledTime: number;
}

export class Jobs {
  readonly context: JobContext;
  readonly inputs: Inputs;
  readonly webhooks: WebhookSender;
  readonly #classify: (inputs: Inputs, keepAlive: KeepAlive) => Classify;

  constructor(
    env: Env,
    limits: JobLimits,
    classify: (inputs: Inputs, keepAlive: KeepAlive) => Classify,
  ) {
    const { JOBS: bucket, QUEUE: queue, DEAD_LETTERS: deadLetters } = env;
    this.context = {
      store: new JobStore(bucket),
      marks: new OpenMarks(bucket),
      queue,
      deadLetters,
      limits: withRetryOf(env, limits),
      now: () => Date.now(),
    };
    this.inputs = new Inputs(bucket);
    this.webhooks = {
      targets: new WebhookTargets(env.HEBB_WEBHOOK_ALLOW),
      secret: env.HEBB_WEBHOOK_SECRET,
      fetch: (url, init) => fetch(url, init),
    };
    this.#classify = classify;
  }

  /** Messages of either queue. */
  async consume(batch: MessageBatch, keepAlive: KeepAlive): Promise<void> {
    const { context, inputs, webhooks } = this;
    const classify = this.#classify(inputs, keepAlive);
    await consume(batch, { context, inputs, webhooks, classify });
  }

  /** Runs every minute, and after a restart. */
  async sweep({ cron, scheduledTime }: Schedule): Promise<void> {
    const options = cron === RESTARTED ? { restartedAt: scheduledTime } : {};
    await sweep(this.context, this.inputs, options);
  }
}

/** @param env whose HEBB_JOB_RETRY_SECONDS replaces the first delays */
function withRetryOf({ HEBB_JOB_RETRY_SECONDS: seconds }: Env, jobs: JobLimits): JobLimits {
  if (seconds === undefined) return jobs;
  const first = <B extends object>(backOff: B) => ({ ...backOff, firstSeconds: Number(seconds) });
  const webhook = { ...jobs.webhook, backOff: first(jobs.webhook.backOff) };
  return { ...jobs, backOff: first(jobs.backOff), webhook };
}
