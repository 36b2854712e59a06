/**
 * The file through which the command line finds the door of a running `npm start`. It is in the state folder.
 * @module
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessMark } from './identity.ts';

/** Content of the file, which exists while `npm start` runs. */
export interface DoorFile {
  /** Loopback address of the door: http://127.0.0.1:34567. */
  readonly url: string;
  /** Sent with every call. A user who can read this file could change the state anyway. */
  readonly token: string;
  /** Address of the Worker. */
  readonly edge: string;
  /** `stateIdentity` of the folder. A copy of the folder has another identity, so its file is stale. */
  readonly state: string;
  /** The process that holds the folder. */
  readonly holder: ProcessMark;
  /** Its workerd processes: they have the files open, and survive when the holder is killed. */
  readonly runtimes: readonly ProcessMark[];
}

const doorPath = (state: string): string => join(state, 'hebb-door.json');

/** The lock that serialises publishers and the start of `npm start`. */
export const stateLock = (state: string): string => join(state, 'hebb.lock');

/**
 * Undefined when there is no file. A file may be stale, left by a killed server or copied with its folder;
 * `knock` finds out.
 */
export async function readDoorFile(state: string): Promise<DoorFile | undefined> {
  try {
    return JSON.parse(await readFile(doorPath(state), 'utf8')) as DoorFile;
  } catch {
    return undefined;
  }
}

/** Written atomically, readable by its owner only. */
export async function writeDoorFile(state: string, door: DoorFile): Promise<void> {
  await mkdir(state, { recursive: true });
  const temporary = `${doorPath(state)}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(door), { mode: 0o600 });
  await rename(temporary, doorPath(state));
}

/** Removes the file unless another server has replaced it. */
export async function removeDoorFile(state: string, { token }: DoorFile): Promise<void> {
  if ((await readDoorFile(state))?.token === token) await rm(doorPath(state), { force: true });
}
