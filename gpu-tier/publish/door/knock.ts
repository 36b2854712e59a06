import { type DoorFile, readDoorFile } from './file.ts';

/** The way through the door of a running `npm start`. */
export interface Door {
  readonly file: DoorFile;
  /** Asks for a path, with the token. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** A running server answers its own machine at once; a file that was left behind does not. */
const KNOCK_MS = 2000;

/** The door of the `npm start` that uses this state; undefined while none runs. */
export async function knock(state: string, fetcher: typeof fetch): Promise<Door | undefined> {
  const file = await readDoorFile(state);
  if (!file) return undefined;
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, Authorization: `Bearer ${file.token}` };
    return await fetcher(`${file.url}${path}`, { ...init, headers });
  };
  const there = await call('/', { signal: AbortSignal.timeout(KNOCK_MS) }).catch(() => undefined);
  return there?.ok ? { file, call } : undefined;
}
