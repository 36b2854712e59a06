/**
 * The app on a port, and its end in order.
 * @module
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { HebbError } from '../../shared/model/index.ts';
import type { ServerEnv } from './http/context.ts';

export interface ListeningServer {
  /** As in http://127.0.0.1:8788. */
  readonly url: string;
  /**
   * Takes no new connections and resolves when every request that was begun has its answer, or
   * after `timeoutMs`, when what is left is cut off.
   */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * How long an idle connection is kept. Longer than load balancers keep theirs (60 s is usual): who
 * closes first, while the other one sends a request, loses that request.
 */
const KEEP_ALIVE_MS = 75_000;

/** Listens; throws `port_taken` where something else does already. */
export async function listen(
  app: Hono<ServerEnv>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    hostname: 'nowhere.invalid', // for requests of HTTP/1.0, which need no Host
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // A client that closes its sending side gets its answer all the same; `disconnectSignal` finds out
  // whether it is still there. (Missing in @types/node; Node's lib/_http_server.js has it since 0.x.)
  Object.assign(server, { httpAllowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      const message = `Nothing can listen on ${host}:${port}: ${cause.message}`;
      const hint = 'Choose another one with --port, or HEBB_GPU_PORT.';
      reject(taken ? new HebbError('port_taken', message, { hint, cause }) : cause);
    });
    server.listen(port, host, resolve);
  });
  const { address, family, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`,
    async drain(timeoutMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
