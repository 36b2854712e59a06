import type { Mirror } from '../mirror.ts';
import { readDoorFile } from './file.ts';

const origin = (url: string): string => new URL(url).origin.replace('127.0.0.1', 'localhost');

/** The bucket of the `npm start` that runs the Worker at `edge`, if that is one of this machine. */
export async function doorMirror(
  state: string,
  edge: string,
  fetcher: typeof fetch,
): Promise<Mirror | undefined> {
  const door = await readDoorFile(state);
  if (!door || origin(door.edge) !== origin(edge)) return undefined;
  return { url: `${door.url}/objects`, token: door.token, fetch: fetcher };
}
