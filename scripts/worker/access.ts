/**
 * Who may use the Worker that `npm start` brings up.
 * @module
 */
import { isLoopback } from '../../shared/model/access/loopback.ts';
import { HebbError } from '../../shared/model/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the Worker that the environment of `npm start` may hold. */
const PASSED_ON = [
  'HEBB_CORS_ORIGINS',
  'HEBB_URL_ALLOW',
  'HEBB_CACHE_SECONDS',
  'HEBB_WEBHOOK_ALLOW',
  'HEBB_WEBHOOK_SECRET',
  'HEBB_JOB_RETRY_SECONDS',
];

/**
 * HEBB_ACCESS for a Worker that listens on `host`: open to this machine on a loopback address, with
 * keys on any other; the environment's own where it is set. Throws `invalid_argument` when that would
 * open it to a network.
 */
export function accessMode(host: string, env: Environment): string {
  const local = isLoopback(host);
  const mode = env.HEBB_ACCESS ?? (local ? 'loopback' : 'keys');
  if (mode !== 'loopback' || local) return mode;
  throw new HebbError(
    'invalid_argument',
    `HEBB_ACCESS=loopback opens the Worker without keys, but --host ${host} is no loopback address.`,
    { hint: 'Leave HEBB_ACCESS out, and make a key with: npx hebb keys create' },
  );
}

/** Those of the settings that are there. */
export function passedOn(env: Environment): Record<string, string> {
  const entries = PASSED_ON.map((name) => [name, env[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
