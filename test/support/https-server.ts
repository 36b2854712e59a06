/**
 * A real HTTPS server on this machine, under other host names.
 * @module
 */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Certificate, selfSigned } from './certificate.ts';

export interface HttpsServer {
  /** `127.0.0.1:port`, where it listens. */
  readonly address: string;
  readonly certificate: Certificate;
  /** Host and path of each request. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function startHttpsServer(
  hosts: readonly string[],
  handler: RequestListener,
): Promise<HttpsServer> {
  const certificate = selfSigned(hosts);
  const requests: string[] = [];
  const server = createServer(certificate, (request, response) => {
    requests.push(`${request.headers.host}${request.url}`);
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    certificate,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
