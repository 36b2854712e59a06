/**
 * Serves the app on a port, with graceful shutdown.
 * @module
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HebbError } from '@hebb/model';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ServerEnv } from './http/context.ts';

export interface ListeningServer {
  /** For example http://127.0.0.1:8788. */
  readonly url: string;
  /**
   * Accepts no new connections, and resolves when all requests in progress are answered. After `timeoutMs` it
   * closes the remaining connections.
   */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * Longer than the idle timeout of load balancers (usually 60 s): if the server closed first, a request that the
 * load balancer sends at that moment would be lost.
 */
const KEEP_ALIVE_MS = 75_000;

/** Throws `port_taken` if the port is in use or not allowed. */
export async function listen(
  app: Hono<ServerEnv>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    hostname: 'nowhere.invalid', // for HTTP/1.0 requests, which may lack the Host header
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // A client that half-closes its connection still gets the answer; `disconnectSignal` finds out whether it has
  // gone. (Missing in @types/node, but supported by Node's lib/_http_server.js since 0.x.)
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
