/**
 * The Worker. Dependencies are made once per isolate, at the first request: loading a model takes longer
 * than classifying a hundred images.
 * @module
 */
import { createApp } from './app.ts';
import { dependenciesOf } from './dependencies.ts';
import type { Env } from './env.ts';
import type { Schedule } from './jobs/jobs.ts';
import type { MessageBatch } from './jobs/messages.ts';

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

let made: ReturnType<typeof make> | undefined;

function make(env: Env) {
  const dependencies = dependenciesOf(env);
  return { app: createApp(dependencies), jobs: dependencies.jobs };
}

function parts(env: Env) {
  made ??= make(env);
  return made;
}

export default {
  fetch(request: Request, env: Env, context: Context) {
    return parts(env).app.fetch(request, env, context as never);
  },

  /** Messages of the queue of jobs and of its dead-letter queue. */
  async queue(batch: MessageBatch, env: Env, context: Context) {
    await parts(env).jobs.consume(batch, (promise) => context.waitUntil(promise));
  },

  /** The cron trigger, every minute. */
  async scheduled(schedule: Schedule, env: Env) {
    await parts(env).jobs.sweep(schedule);
  },
};
