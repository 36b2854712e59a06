/**
 * A real HTTP server on this machine, with a handler of the test.
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LocalServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Received requests, as `path` or `path bytes=10- if etag`. */
  readonly requests: string[];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startServer(handler: Handler): Promise<LocalServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { range, 'if-range': condition } = request.headers;
    requests.push([request.url, range, condition && `if ${condition}`].filter(Boolean).join(' '));
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export interface FileOptions {
  readonly etag?: string;
  /** False for a server without range requests. */
  readonly ranges?: boolean;
  /** Closes the connection after this many bytes of each answer. */
  readonly cutAfter?: number;
}

/** Serves one file with range requests (RFC 9110, sections 13.1.5 and 14). */
export function fileHandler(content: Uint8Array, options: FileOptions = {}): Handler {
  const { etag, ranges = true, cutAfter } = options;
  return (request, response) => {
    if (etag) response.setHeader('ETag', etag);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    const condition = request.headers['if-range'];
    const partial = ranges && !Number.isNaN(start) && (!condition || condition === etag);
    if (partial && start >= content.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
      return;
    }
    const body = partial ? content.subarray(start) : content;
    response.setHeader('Content-Length', body.length);
    if (partial) {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { 'Content-Range': range });
    }
    if (cutAfter === undefined || body.length <= cutAfter) response.end(body);
    else {
      // Gives the client time to read these bytes, which it keeps when the connection breaks.
      response.write(body.subarray(0, cutAfter));
      setTimeout(() => request.socket.destroy(), 100);
    }
  };
}

/** The address of a closed server, at which nothing listens. */
export async function unreachableUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/`;
}
