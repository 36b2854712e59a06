import { errorOf, unreachable } from '../../../shared/model/client/service-error.ts';

/** The file at a path of the service. Throws what the service answers, or `edge_unreachable`. */
export async function fetchFile(path: string, key?: string): Promise<Uint8Array<ArrayBuffer>> {
  const { origin } = globalThis.location;
  const headers = { ...(key !== undefined && { Authorization: `Bearer ${key}` }) };
  let response: Response;
  try {
    response = await fetch(path, { headers });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw unreachable(origin, cause);
  }
  throw await errorOf(response, origin);
}
