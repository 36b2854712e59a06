/**
 * The Worker. Everything is made once per isolate, with the first request, and kept: loading a
 * model takes longer than classifying a hundred images.
 * @module
 */
import { createApp } from './app.ts';
import { dependenciesOf } from './dependencies.ts';
import type { Env } from './env.ts';

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request: Request, env: Env, context: { waitUntil(promise: Promise<unknown>): void }) {
    app ??= createApp(dependenciesOf(env));
    return app.fetch(request, env, context as never);
  },
};
