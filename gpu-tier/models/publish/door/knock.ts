/**
 * Reaches the door of the `npm start` that runs on a state folder.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HebbError } from '@hebb/model';
import { type DoorFile, readDoorFile } from './file.ts';
import { isAlive, type ProcessMark, stateIdentity } from './identity.ts';

/** The open door of a running `npm start`. */
export interface Door {
  readonly file: DoorFile;
  /** Sends a request for `path` with the token and the identity of the state. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** The answer to `GET /`. */
export interface DoorAnswer {
  /** Address of the Worker. */
  readonly edge: string;
  /** `stateIdentity` of the folder that the server writes to. */
  readonly state: string;
}

/** Header with the identity of the state that a call is for; the door of another state answers 421. */
export const STATE_HEADER = 'X-Hebb-State';

/** Timeout for the first answer: a running server on the same machine answers at once. */
const KNOCK_MS = 2000;
const ENDING_MS = 5000;

/**
 * The door of the `npm start` that uses this state; undefined while none runs. A file that was copied with its
 * folder leads to the door of another state, so the server's answer names the state that it writes to, and
 * the server refuses calls for another one. Ends workerd processes that a killed server left behind. Throws
 * `state_in_use` when the process that holds the state does not answer.
 */
export async function knock(state: string, fetcher: typeof fetch): Promise<Door | undefined> {
  const file = await readDoorFile(state);
  if (!file) return undefined;
  const identity = await stateIdentity(state);
  if (file.state !== identity) return undefined;
  const call = async (path: string, init: RequestInit = {}) => {
    const own = { Authorization: `Bearer ${file.token}`, [STATE_HEADER]: identity };
    return await fetcher(`${file.url}${path}`, { ...init, headers: { ...init.headers, ...own } });
  };
  const answer = await greet(call);
  if (answer?.state === identity) return { file, call };
  if (!(await isAlive(file.holder))) {
    for (const runtime of file.runtimes) await endLeftBehind(runtime);
    return undefined;
  }
  throw new HebbError('state_in_use', `${heldBy(state, file)}, but does not answer.`, {
    hint: `End it (kill ${file.holder.pid}), or use another folder: HEBB_STATE=FOLDER.`,
  });
}

/** Throws `state_in_use` when a running `npm start` uses this state. */
export async function checkFree(state: string, fetcher: typeof fetch): Promise<void> {
  const door = await knock(state, fetcher);
  if (door) throw new HebbError('state_in_use', `${heldBy(state, door.file)}.`);
}

const heldBy = (state: string, { edge, holder }: DoorFile): string =>
  `${state} is held by process ${holder.pid}, the npm start at ${edge}`;

/** A workerd whose server was killed keeps running, and keeps the port and the files. */
async function endLeftBehind(runtime: ProcessMark): Promise<void> {
  const end = performance.now() + ENDING_MS;
  while ((await isAlive(runtime)) && performance.now() < end) {
    process.kill(runtime.pid, 'SIGKILL');
    await sleep(50);
  }
}

async function greet(call: Door['call']): Promise<DoorAnswer | undefined> {
  try {
    const response = await call('/', { signal: AbortSignal.timeout(KNOCK_MS) });
    return response.ok ? ((await response.json()) as DoorAnswer) : undefined;
  } catch {
    return undefined;
  }
}
