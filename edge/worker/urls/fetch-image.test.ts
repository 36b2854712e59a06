import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PUBLIC_INTERNET } from '@hebb/local/serve';
import type { Task } from '@hebb/test/edge/urls/fetching-worker';
import { type HttpsServer, startHttpsServer } from '@hebb/test/support/https-server';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Every host is this one HTTPS server, whose certificate the Worker trusts; workerd makes the requests.
const HOST = 'images.example.com';
const IMAGE = Buffer.alloc(50_000, 7);

let server: HttpsServer;
let miniflare: Miniflare;
let worker: URL;

beforeAll(async () => {
  server = await startHttpsServer([HOST, '*.example.com'], answer);
  const bundle = await build({
    entryPoints: [
      fileURLToPath(new URL('../../../test/edge/urls/fetching-worker.ts', import.meta.url)),
    ],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
  });
  const tlsOptions = { trustedCertificates: [server.certificate.cert] };
  const external = { address: server.address, https: { tlsOptions, certificateHost: HOST } };
  const script = { modules: true, script: bundle.outputFiles[0]!.text };
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      workers: [
        {
          name: 'fetching',
          compatibilityDate: '2026-06-01',
          ...script,
          serviceBindings: { WEB: { external } },
        },
        {
          name: 'guarded',
          compatibilityDate: '2026-06-01',
          ...script,
          serviceBindings: { WEB: PUBLIC_INTERNET },
          routes: ['guarded.test/*'],
        },
      ],
    }),
  );
  worker = await miniflare.ready;
});
afterAll(async () => {
  await miniflare.dispose();
  await server.close();
});

/** The server's response for each path. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, `https://${request.headers.host}`);
  const redirect = (location: string, status = 302) =>
    response.writeHead(status, { Location: location }).end('moved');
  if (url.hostname === 'dns.example.com') {
    resolveName(url.searchParams, response);
  } else if (url.pathname === '/image.jpg') {
    response.writeHead(200, { 'Content-Length': IMAGE.length }).end(IMAGE);
  } else if (url.pathname === '/headers') {
    response.end(JSON.stringify(request.headers));
  } else if (url.pathname === '/unannounced.jpg') {
    response.write(IMAGE.subarray(0, 10_000));
    response.end(IMAGE.subarray(10_000));
  } else if (url.pathname === '/bomb.jpg') {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)));
  } else if (url.pathname === '/endless.jpg') {
    const timer = setInterval(() => response.write(IMAGE), 1);
    response.once('close', () => clearInterval(timer));
  } else if (url.pathname === '/slow.jpg') {
    response.write(IMAGE); // and never ends
  } else if (url.pathname === '/silent.jpg') {
    return; // no answer
  } else if (url.pathname === '/cut.jpg') {
    response.writeHead(200, { 'Content-Length': IMAGE.length });
    response.write(IMAGE.subarray(0, 1000));
    setTimeout(() => request.socket.destroy(), 50);
  } else if (url.pathname === '/empty.jpg') {
    response.end();
  } else if (url.pathname === '/to') {
    redirect(url.searchParams.get('url')!, Number(url.searchParams.get('status') ?? 302));
  } else if (url.pathname === '/loop') {
    redirect('/loop');
  } else if (url.pathname === '/nowhere') {
    response.writeHead(302).end();
  } else {
    response.writeHead(404).end('an answer that is nobody’s business');
  }
}

/** DNS over HTTPS in JSON, as Cloudflare has it. */
function resolveName(query: URLSearchParams, response: ServerResponse): void {
  const [name, type] = [query.get('name')!, query.get('type')!];
  const zone: Record<string, Record<string, string[]>> = {
    [HOST]: { A: ['93.184.215.14'], AAAA: ['2606:4700::1111'] },
    'inside.example.com': { A: ['10.0.0.7'] },
    'inside6.example.com': { A: ['93.184.215.14'], AAAA: ['fd00::1'] },
    'both.example.com': { A: ['93.184.215.14', '169.254.169.254'] },
    'nothing.example.com': {},
  };
  const addresses = zone[name]?.[type] ?? [];
  const alias = { name, type: 5, TTL: 60, data: 'edge.example.net.' };
  const records = addresses.map((data) => ({ name, type: type === 'A' ? 1 : 28, TTL: 60, data }));
  if (name === 'broken.example.com') response.writeHead(500).end('{');
  else response.end(JSON.stringify({ Status: zone[name] ? 0 : 3, Answer: [alias, ...records] }));
}

const DEFAULTS: Omit<Task, 'url'> = {
  allow: '*.example.com',
  limits: { bytes: 100_000, timeoutMs: 5_000 },
};

async function run(url: string, task: Partial<Task> = {}): Promise<Response> {
  return await fetch(worker, {
    method: 'POST',
    body: JSON.stringify({ ...DEFAULTS, url, ...task }),
  });
}

/** Code and message of the error. */
async function failure(url: string, task?: Partial<Task>): Promise<string> {
  const response = await run(url, task);
  expect(response.ok).toBe(false);
  const { error } = (await response.json()) as { error: { code: string; message?: string } };
  return `${error.code}: ${error.message ?? ''}`;
}

const via = (location: string, status = 302) =>
  `https://${HOST}/to?status=${status}&url=${encodeURIComponent(location)}`;

describe('an image from a URL', () => {
  it('is fetched byte for byte', async () => {
    const response = await run(`https://${HOST}/image.jpg`);
    expect(Buffer.from(await response.arrayBuffer()).equals(IMAGE)).toBe(true);
  });

  it('takes no more memory than its size, even without Content-Length', async () => {
    const response = await run(`https://${HOST}/unannounced.jpg`);
    expect(response.headers.get('x-buffer')).toBe(String(IMAGE.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(IMAGE)).toBe(true);
  });

  it('is requested without headers of the caller', async () => {
    const headers = (await (await run(`https://${HOST}/headers`)).json()) as object;
    expect(Object.keys(headers).filter((name) => !name.startsWith('cf-'))).toEqual(
      expect.arrayContaining(['accept', 'accept-encoding', 'host', 'user-agent']),
    );
    expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
    for (const name of ['authorization', 'cookie', 'referer', 'origin', 'x-request-id'])
      expect(headers).not.toHaveProperty(name);
  });

  it.each([301, 302, 303, 307, 308])('follows a redirect, %i', async (status) => {
    expect((await run(via('/image.jpg', status))).status).toBe(200);
    expect((await run(via('https://cdn.example.com/image.jpg', status))).status).toBe(200);
  });

  it.each([
    ['http://images.example.com/image.jpg', 'starts with http:'],
    ['https://127.0.0.1/', 'not an allowed host'],
    ['https://elsewhere.org/', 'not an allowed host'],
    ['https://user@images.example.com/', 'user name'],
    ['https://images.example.com:8443/', 'not an allowed host'],
    ['file:///etc/passwd', 'starts with file:'],
    ['javascript:alert(1)', 'starts with javascript:'],
  ])('does not follow a redirect to %s', async (location, why) => {
    const before = server.requests.length;
    expect(await failure(via(location))).toMatch(/^url_refused/);
    expect(await failure(via(location))).toContain(why);
    expect(server.requests.length - before).toBe(2); // the redirects themselves
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/',
    'https://metadata.google.internal/',
  ])('does not follow a redirect to %s, even if every host is allowed', async (location) => {
    expect(await failure(via(location), { allow: '*' })).toMatch(/^url_refused.*public internet/);
  });

  it('follows several redirects up to a limit', async () => {
    expect((await run(via(via('/image.jpg')))).status).toBe(200);
    expect(await failure(`https://${HOST}/loop`)).toMatch(/^url_failed.*redirects/);
    expect(await failure(`https://${HOST}/nowhere`)).toMatch(
      /^url_failed.*without a valid Location/,
    );
  });

  it('is limited in bytes: with Content-Length, without, compressed or endless', async () => {
    const limits = { bytes: 40_000, timeoutMs: 5_000 };
    for (const path of ['image.jpg', 'unannounced.jpg', 'bomb.jpg', 'endless.jpg'])
      expect(await failure(`https://${HOST}/${path}`, { limits })).toMatch(/^body_too_large/);
  });

  it('is limited in time', async () => {
    const limits = { bytes: 100_000, timeoutMs: 300 };
    for (const path of ['slow.jpg', 'silent.jpg'])
      expect(await failure(`https://${HOST}/${path}`, { limits })).toMatch(/^url_failed.*0.3 s/);
  });

  it('is aborted when the caller disconnects', async () => {
    for (const path of ['slow.jpg', 'silent.jpg'])
      expect(await failure(`https://${HOST}/${path}`, { abortAfterMs: 200 })).toBe(
        'TimeoutError: ',
      );
  });

  it('fails for other statuses and cut-off bodies, without passing the body on', async () => {
    expect(await failure(`https://${HOST}/none.jpg`)).toBe(
      `url_failed: The image could not be fetched from ${HOST}: status 404.`,
    );
    expect(await failure(`https://${HOST}/cut.jpg`)).toMatch(/^url_failed/);
    expect(await failure(`https://${HOST}/empty.jpg`)).toMatch(/^url_failed/);
  });
});

describe('a host name', () => {
  const dns = { dns: 'https://dns.example.com/dns-query' };

  it('is resolved first, to IPv4 and IPv6 addresses', async () => {
    const before = server.requests.length;
    expect((await run(`https://${HOST}/image.jpg`, dns)).status).toBe(200);
    expect(server.requests.slice(before).sort()).toEqual([
      `dns.example.com/dns-query?name=${HOST}&type=A`,
      `dns.example.com/dns-query?name=${HOST}&type=AAAA`,
      `${HOST}/image.jpg`,
    ]);
  });

  it.each(['inside', 'inside6', 'both'])(
    'that has a private address is refused: %s',
    async (name) => {
      const url = `https://${name}.example.com/image.jpg`;
      expect(await failure(url, dns)).toMatch(/^url_refused.*public internet/);
      expect(await failure(via(url), dns)).toMatch(/^url_refused.*public internet/);
      expect(server.requests).not.toContain(`${name}.example.com/image.jpg`);
    },
  );

  it.each(['nothing', 'unknown', 'broken'])(
    'that cannot be resolved is not fetched: %s',
    async (name) => {
      expect(await failure(`https://${name}.example.com/image.jpg`, dns)).toMatch(/^url_failed/);
      expect(server.requests).not.toContain(`${name}.example.com/image.jpg`);
    },
  );
});

it('cannot reach this machine through the network of npm start, even without checks', async () => {
  const port = server.address.split(':')[1]!;
  const before = server.requests.length;
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    const init = { method: 'POST', body: `https://${host}:${port}/image.jpg` };
    const answer = await miniflare.dispatchFetch('http://guarded.test/raw', init);
    expect(await answer.text()).toContain('internal error');
  }
  expect(server.requests).toHaveLength(before);
});
