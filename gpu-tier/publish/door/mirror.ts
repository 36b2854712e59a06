import type { Mirror } from '../mirror.ts';
import { knock } from './knock.ts';

const origin = (url: string): string => new URL(url).origin.replace('127.0.0.1', 'localhost');

/** The bucket of the `npm start` that runs the Worker at `edge`, if that is one of this machine. */
export async function doorMirror(
  state: string,
  edge: string,
  fetcher: typeof fetch,
): Promise<Mirror | undefined> {
  const door = await knock(state, fetcher);
  if (!door || origin(door.file.edge) !== origin(edge)) return undefined;
  const { url } = door.file;
  const throughDoor = (address: string, init?: RequestInit) =>
    door.call(address.slice(url.length), init);
  return {
    url: `${url}/objects`,
    fetch: (input, init) => throughDoor(String(input), withPlainHeaders(init)),
  };
}

/** Headers as an object, to which others can be added. */
const withPlainHeaders = (init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: Object.fromEntries(new Headers(init.headers)),
});
