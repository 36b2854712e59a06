/**
 * How the command line finds the door of a running `npm start`: a file beside the state that it
 * guards.
 * @module
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessMark } from './identity.ts';

/** What `npm start` leaves for the command line while it runs. */
export interface DoorFile {
  /** Loopback address of the door: http://127.0.0.1:34567. */
  readonly url: string;
  /** Shown with every call. Whoever can read this file could change the state anyway. */
  readonly token: string;
  /** Where the Worker answers. */
  readonly edge: string;
  /** Which folder's door it is (`stateIdentity`): in a copy of the folder it is not that one's. */
  readonly state: string;
  /** Who holds the folder. */
  readonly holder: ProcessMark;
  /** Its workerd, which has the files open, and outlives it when it is killed. */
  readonly runtimes: readonly ProcessMark[];
}

const doorPath = (state: string): string => join(state, 'hebb-door.json');

/** Two publishers, or a publisher and a starting `npm start`, take turns by this lock. */
export const stateLock = (state: string): string => join(state, 'hebb.lock');

/**
 * The file as it is; undefined when there is none. It may be one that a killed server left, or one that
 * was copied here: `knock` tells.
 */
export async function readDoorFile(state: string): Promise<DoorFile | undefined> {
  try {
    return JSON.parse(await readFile(doorPath(state), 'utf8')) as DoorFile;
  } catch {
    return undefined;
  }
}

/** Readable by its owner alone, and there as a whole or not at all. */
export async function writeDoorFile(state: string, door: DoorFile): Promise<void> {
  await mkdir(state, { recursive: true });
  const temporary = `${doorPath(state)}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(door), { mode: 0o600 });
  await rename(temporary, doorPath(state));
}

/** Removes the file, unless another server has put its own there since. */
export async function removeDoorFile(state: string, { token }: DoorFile): Promise<void> {
  if ((await readDoorFile(state))?.token === token) await rm(doorPath(state), { force: true });
}
