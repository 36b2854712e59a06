/**
 * Verifies and signs the hop from the edge.
 * @module
 */
import { createHash } from 'node:crypto';
import { HebbError } from '@hebb/model';
import { ReplayWindow, TOLERANCE_MS } from '@hebb/protocol/hop/replay-window';
import { SIGNATURE_HEADER, signAnswer, verifyRequest } from '@hebb/protocol/hop/signature';
import type { Hop, ServerContext } from '../http/context.ts';

/** Nonces to remember: a thousand requests per second for as long as a nonce is valid. */
const CAPACITY = 60_000;

/** Checks signature, time and nonce, or throws `hop_refused`. `checkBody` checks the body. */
export function createHopCheck(
  secrets: readonly string[],
): (c: ServerContext, header: string) => Promise<Hop> {
  const replays = new ReplayWindow({
    toleranceMs: TOLERANCE_MS,
    capacity: CAPACITY,
    now: () => Date.now(),
  });
  return async (c, header) => {
    const { method, url = '' } = c.env.incoming;
    const hop = await verifyRequest({ method: method ?? '', path: url }, header, secrets);
    if (!hop) throw refused('the signature is not made with a secret of this tier');
    const why = replays.refuse(hop);
    if (why !== undefined) throw refused(why);
    return hop;
  };
}

/** The check for `readBody`: throws `hop_refused` if the bytes do not match the signed digest. */
export function checkBody(c: ServerContext): (bytes: Uint8Array) => void {
  const hop = c.get('hop');
  return (bytes) => {
    if (!hop || createHash('sha256').update(bytes).digest('hex') === hop.digest) return;
    throw refused('the body is not the one that was signed');
  };
}

/** Signs the answer to a signed request. */
export async function signBody(c: ServerContext, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const hop = c.get('hop');
  if (hop) c.header(SIGNATURE_HEADER, await signAnswer(hop.nonce, body, hop.secret));
}

export const refused = (why: string) =>
  new HebbError('hop_refused', `The request is refused: ${why}.`);
