import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

/** The content of a file, made when it is requested. */
export type Content = () => Promise<Uint8Array | string> | Uint8Array | string;

export interface PageServer {
  readonly url: string;
  /** Serves `content` at `path`, and returns the path. */
  serve(path: string, content: Content): string;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '': 'text/html; charset=utf-8', // the page itself: /
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  wasm: 'application/wasm',
};

/** A web server on a free port of 127.0.0.1. Answers 404 for paths that were not added by `serve`. */
export async function startServer(): Promise<PageServer> {
  const routes = new Map<string, Content>();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const content = routes.get(path);
    if (!content) return void response.writeHead(404).end();
    try {
      const type = TYPES[extname(path).slice(1)] ?? 'application/octet-stream';
      const body = await content();
      response.writeHead(200, { 'content-type': type }).end(body);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    serve(path, content) {
      routes.set(path, content);
      return path;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
