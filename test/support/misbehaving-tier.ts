/**
 * A real HTTP proxy in front of the real GPU tier that simulates faults of networks and machines.
 * @module
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `dead`: closes the connection. `corrupt`: changes a byte of the answer. `cut`: sends half of the answer.
 * `slow`: answers after `SLOW_MS`. `busy`: 503 with `Retry-After`. `silent`: never answers. `old`: answers unsigned requests
 * like a version of the tier without `image_errors`.
 */
export type Misbehaviour = 'none' | 'dead' | 'corrupt' | 'cut' | 'busy' | 'silent' | 'slow' | 'old';

/** Longer than a Worker's shortest timeout. */
const SLOW_MS = 2_500;

/** `Retry-After` in seconds, longer than any test. */
export const RETRY_AFTER = 3000;

export interface MisbehavingTier {
  readonly url: string;
  /** Ends the misbehaviour. */
  heal(): void;
  /** Number of requests, of those that the tier answered, and of those that the client cancelled. */
  readonly seen: { requests: number; answered: number; cancelled: number };
  close(): Promise<void>;
}

/** Renames the parameter to an unknown one of the same length. */
const withoutImageErrors = (body: Buffer): Buffer =>
  Buffer.from(body.toString('latin1').replace('"image_errors"', '"of_the_futur"'), 'latin1');

/** @param how the behaviour for the n-th request, from 0 */
export async function misbehavingTier(
  tier: string,
  how: (n: number) => Misbehaviour = () => 'none',
): Promise<MisbehavingTier> {
  const seen = { requests: 0, answered: 0, cancelled: 0 };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse) {
    // Registered before the body is read, since the request may be cancelled while it arrives.
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) seen.cancelled++;
    });
    const what = how(seen.requests++);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (what === 'silent') return;
    if (what === 'dead') return void incoming.socket.destroy();
    if (what === 'busy') {
      outgoing.writeHead(503, { 'Retry-After': String(RETRY_AFTER) }).end('{"error":"busy"}');
      return;
    }
    if (what === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    const sent = Buffer.concat(chunks);
    const { status, headers, body } = await forward(
      incoming,
      what === 'old' ? withoutImageErrors(sent) : sent,
    );
    seen.answered++;
    if (what === 'corrupt') body[body.length - 3]! ^= 0x10;
    outgoing.writeHead(status, { ...headers, 'content-length': String(body.length) });
    if (what === 'cut') {
      outgoing.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy());
    } else outgoing.end(body);
  }

  function forward({ method, url, headers }: IncomingMessage, body: Buffer) {
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
      (resolve, reject) => {
        const onward = request(new URL(url ?? '', tier), { method, headers }, async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk as Buffer);
          const { statusCode = 0 } = answer;
          const { connection: _, 'transfer-encoding': __, ...kept } = answer.headers;
          resolve({ status: statusCode, headers: kept, body: Buffer.concat(chunks) });
        });
        onward.once('error', reject).end(body);
      },
    );
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy()); // the tier itself has ended
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heal() {
      how = () => 'none';
    },
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
