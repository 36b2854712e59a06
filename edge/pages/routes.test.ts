/**
 * The pages' routes without a browser: content, headers and caching.
 */

import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let worker: TestWorker;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
});
afterAll(() => worker?.close());

const HTML = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

/** URLs that a page loads. */
const loadedBy = (html: string) =>
  [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, url]) => url!);

describe('/', () => {
  it('is a page for browsers', async () => {
    const response = await worker.fetch('/', HTML);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).toContain('<h1>');
  });

  it('is JSON for other clients', async () => {
    const response = await worker.fetch('/');
    expect(response.headers.get('vary')).toContain('Accept');
    expect(await response.json()).toMatchObject({ name: 'hebb' });
  });
});

describe.each(['/', '/network', '/docs'])('the page at %s', (path) => {
  it('allows scripts of its own origin only', async () => {
    const { headers } = await worker.fetch(path, HTML);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('names only assets that exist, and that never change under their names', async () => {
    const urls = loadedBy(await (await worker.fetch(path, HTML)).text());
    expect(urls.length).toBeGreaterThan(3);
    for (const url of urls) {
      const { status, headers } = await worker.fetch(url);
      expect([url, status]).toEqual([url, 200]);
      const digested = /-[0-9A-Z]{8}\.(js|css)$/.test(url);
      expect(headers.get('cache-control')).toContain(digested ? 'immutable' : 'no-cache');
    }
  });

  it('answers 304 when it has not changed', async () => {
    const first = await worker.fetch(path, HTML);
    const etag = first.headers.get('etag') ?? '';
    const headers = { ...HTML.headers, 'If-None-Match': etag };
    const second = await worker.fetch(path, { headers });
    expect(second.status).toBe(304);
    expect(await second.text()).toBe('');
  });
});

describe('/assets', () => {
  it.each(['relaxed', 'simd128'])('has the %s build of the kernels', async (name) => {
    const response = await worker.fetch(`/assets/kernels/${name}.wasm`);
    expect(response.headers.get('content-type')).toBe('application/wasm');
    expect(WebAssembly.validate(await response.arrayBuffer())).toBe(true);
  });

  it.each(['nothing.js', '../model/manifest.json', '..%2f..%2fmodel/manifest.json'])(
    'does not have %s',
    async (name) => {
      const response = await worker.fetch(`/assets/${name}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    },
  );
});
