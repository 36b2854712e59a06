/**
 * Access and settings of the Worker of `npm start`.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { isLoopback } from '@hebb/protocol/access/loopback';

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the Worker that are taken from the environment of `npm start`. */
const PASSED_ON = [
  'HEBB_CORS_ORIGINS',
  'HEBB_URL_ALLOW',
  'HEBB_CACHE_SECONDS',
  'HEBB_WEBHOOK_ALLOW',
  'HEBB_WEBHOOK_SECRET',
  'HEBB_JOB_RETRY_SECONDS',
];

/**
 * HEBB_ACCESS for a Worker that listens on `host`: the environment's value, else `loopback` for a loopback address and
 * `keys` for any other. Throws `invalid_argument` if the Worker would be open to a network.
 */
export function accessMode(host: string, env: Environment): string {
  const local = isLoopback(host);
  const mode = env.HEBB_ACCESS ?? (local ? 'loopback' : 'keys');
  if (mode !== 'loopback' || local) return mode;
  throw new HebbError(
    'invalid_argument',
    `HEBB_ACCESS=loopback opens the Worker without keys, but --host ${host} is not a loopback address.`,
    { hint: 'Unset HEBB_ACCESS, and create a key: npx hebb keys create' },
  );
}

/** The settings that are set. */
export function passedOn(env: Environment): Record<string, string> {
  const entries = PASSED_ON.map((name) => [name, env[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
