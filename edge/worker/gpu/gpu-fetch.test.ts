import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '@hebb/test/support/certificate';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, it } from 'vitest';

// A real HTTPS server that asks for a client certificate, and Workers with the right one, another one,
// and none.
const HOST = 'gpu.example.com';
const own = selfSigned([HOST]);
const client = selfSigned(['the edge']);
const stranger = selfSigned(['a stranger']);

let server: Server;
let miniflare: Miniflare;

beforeAll(async () => {
  const options = { ...own, ca: client.cert, requestCert: true, rejectUnauthorized: false };
  server = createServer(options, (request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { Location: '/' }).end();
    const { authorized } = request.socket as TLSSocket;
    response.end(JSON.stringify({ authorized, headers: request.headers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bundle = await build({
    stdin: {
      contents: `
        import { gpuFetch } from './gpu-fetch.ts';
        export default { fetch: async (request, env) =>
          await gpuFetch(env)('https://${HOST}' + new URL(request.url).pathname, {
            method: 'POST', body: 'x', headers: { 'X-Hebb-Signature': 's' } }) };`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
  });
  const worker = (name: string, shown: typeof client | undefined, token: boolean) => {
    const keypair = shown && { privateKey: shown.key, certificateChain: shown.cert };
    const tlsOptions = { trustedCertificates: [own.cert], ...(keypair && { keypair }) };
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      name,
      modules: true,
      script: bundle.outputFiles[0]!.text,
      routes: [`${name}.test/*`],
      compatibilityDate: '2026-06-01',
      serviceBindings: {
        GPU: { external: { address, https: { tlsOptions, certificateHost: HOST } } },
      },
      bindings: token ? { HEBB_GPU_TOKEN_ID: 'id', HEBB_GPU_TOKEN_SECRET: 'token' } : {},
    };
  };
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      workers: [
        worker('known', client, true),
        worker('stranger', stranger, false),
        worker('nobody', undefined, false),
      ],
    }),
  );
});
afterAll(async () => {
  await miniflare.dispose();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function ask(name: string) {
  const response = await miniflare.dispatchFetch(`http://${name}.test/infer`);
  return (await response.json()) as { authorized: boolean; headers: Record<string, string> };
}

it('presents the certificate of the binding', async () => {
  expect((await ask('known')).authorized).toBe(true);
  expect((await ask('stranger')).authorized).toBe(false);
  expect((await ask('nobody')).authorized).toBe(false);
});

it('sends the service token beside the other headers', async () => {
  expect((await ask('known')).headers).toMatchObject({
    'cf-access-client-id': 'id',
    'cf-access-client-secret': 'token',
    'x-hebb-signature': 's',
  });
  expect((await ask('nobody')).headers).not.toHaveProperty('cf-access-client-id');
});

it('does not follow redirects with the token', async () => {
  expect(
    (await miniflare.dispatchFetch('http://known.test/moved', { redirect: 'manual' })).status,
  ).toBe(302);
});
