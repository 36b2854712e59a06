import { setTimeout as sleep } from 'node:timers/promises';
import { HebbError } from '../../../shared/model/index.ts';
import { type DoorFile, readDoorFile } from './file.ts';
import { isAlive, type ProcessMark, stateIdentity } from './identity.ts';

/** The way through the door of a running `npm start`. */
export interface Door {
  readonly file: DoorFile;
  /** Asks for a path, with the token and the state that is meant. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** What `GET /` of a door says. */
export interface DoorAnswer {
  /** Where the Worker answers. */
  readonly edge: string;
  /** The folder that the server writes to: `stateIdentity`. */
  readonly state: string;
}

/** Header that names the state that a call means; a door of another one answers 421. */
export const STATE_HEADER = 'X-Hebb-State';

/** A running server answers its own machine at once; a file that was left behind does not. */
const KNOCK_MS = 2000;
const ENDING_MS = 5000;

/**
 * The door of the `npm start` that uses this state; undefined while none runs. A file that was copied
 * with its folder leads to the door of another state: the server says which one it writes to, and refuses
 * calls that mean another. Of a server that was killed, what it left behind is ended. Throws `state_in_use` when the process that holds the state does not answer.
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
    hint: `End it (kill ${file.holder.pid}), or name another folder: HEBB_STATE=FOLDER.`,
  });
}

/** Throws `state_in_use` when a running `npm start` uses this state. */
export async function checkFree(state: string, fetcher: typeof fetch): Promise<void> {
  const door = await knock(state, fetcher);
  if (door) throw new HebbError('state_in_use', `${heldBy(state, door.file)}.`);
}

const heldBy = (state: string, { edge, holder }: DoorFile): string =>
  `${state} is held by process ${holder.pid}, the npm start at ${edge}`;

/** A workerd whose server was killed keeps running, with the port and the files. */
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
