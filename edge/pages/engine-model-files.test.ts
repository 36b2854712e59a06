/**
 * The files of the served model, which the engine in the browser fetches.
 */

import { PACKAGE_FILES, sha256 } from '@hebb/model';
import { createKey } from '@hebb/models/keys/keys';
import { recordName } from '@hebb/protocol/access/key-record';
import type { Scope } from '@hebb/protocol/access/scopes';
import { startBrowser } from '@hebb/test/support/browser';
import { type EngineWindow, openEnginePage } from '@hebb/test/support/engine-page';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { PATIENCE_MS } from '@hebb/test/support/page';
import { publish } from '@hebb/test/support/publish';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser, Page } from 'playwright-core';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';

/** What the page's functions see. */
declare const window: EngineWindow;

let builtIn: TestPackage;
let flowers: TestPackage;
let worker: TestWorker;
let key: string;

beforeAll(async () => {
  builtIn = await testPackage({ name: 'built-in', inputSize: 64 });
  flowers = await testPackage({ name: 'flowers', inputSize: 64, classes: 3, seed: 2 });
  worker = await startLocked();
  key = await keyFor(['classify']);
});
afterAll(async () => {
  await worker?.close();
  await Promise.all([builtIn, flowers].map((model) => model?.remove()));
});

const startLocked = () =>
  startWorker({
    model: builtIn.dir,
    vars: { HEBB_ACCESS: 'keys', HEBB_POINTER_AGE_MS: '0' },
  });

/** Creates a key in the Worker's KV. */
async function keyFor(scopes: Scope[], { miniflare } = worker): Promise<string> {
  const made = await createKey({ name: 'test', scopes }, new Date());
  const namespace = await miniflare.getKVNamespace('KEYS');
  await namespace.put(recordName(made.record.id), JSON.stringify(made.record));
  return made.key;
}

const get = (version: string, file: string, headers: Record<string, string> = {}) =>
  worker.fetch(`/v1/models/${version}/files/${file}`, {
    headers: { Authorization: `Bearer ${key}`, ...headers },
  });

describe('GET /v1/models/{version}/files/{file}', () => {
  it('returns the manifest and the int8 weights, to be cached for ever', async () => {
    const { version, files } = builtIn.manifest;
    const manifest = await get(version, 'manifest.json');
    expect(await manifest.json()).toEqual(builtIn.manifest);

    const weights = await get(version, PACKAGE_FILES.int8);
    const digest = files[PACKAGE_FILES.int8]!;
    expect(weights.headers.get('content-length')).toBe(String(digest.bytes));
    expect(weights.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(await sha256(new Uint8Array(await weights.arrayBuffer()))).toBe(digest.sha256);
  });

  it('answers 304 when the browser has the file', async () => {
    const { version } = builtIn.manifest;
    const etag = (await get(version, PACKAGE_FILES.int8)).headers.get('etag')!;
    const again = await get(version, PACKAGE_FILES.int8, { 'If-None-Match': etag });
    expect(again.status).toBe(304);
  });

  it('returns no other file and no other model', async () => {
    const { version } = builtIn.manifest;
    const code = async (response: Response) => [response.status, await response.json()];
    for (const file of [PACKAGE_FILES.f32, 'README.md', '..%2fmanifest.json']) {
      const answer = await code(await get(version, file));
      expect(answer).toMatchObject([404, { error: { code: 'not_found' } }]);
    }
    const other = await code(await get(flowers.manifest.version, 'manifest.json'));
    expect(other).toMatchObject([404, { error: { code: 'model_not_found' } }]);
  });

  it('requires the scope classify', async () => {
    const { version } = builtIn.manifest;
    const without = await worker.fetch(`/v1/models/${version}/files/manifest.json`);
    expect(without.status).toBe(401);
    const Authorization = `Bearer ${await keyFor(['batch'])}`;
    const batchOnly = await get(version, 'manifest.json', { Authorization });
    expect(batchOnly.status).toBe(403);
  });
});

describe('the engine in the browser', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
  });
  afterEach(() => page.context().close());

  it('fails without a key and loads with one', async () => {
    await openEnginePage(page, worker.url);
    await expect(page.evaluate(() => window.engine.info())).rejects.toThrow('needs a key');
    await page.evaluate((key) => {
      window.engine = window.hebb.openBrowserEngine({ key });
    }, key);
    const info = await page.evaluate(() => window.engine.info());
    expect(info).toMatchObject({ name: 'built-in', inputSize: 64, classes: 5 });
  });

  it('has the page /network say where to enter the key, and uses it afterwards', async () => {
    await page.goto(new URL('/network', worker.url).href);
    await page.getByRole('button', { name: 'Use a drawn sunflower' }).click();
    await page.getByRole('link', { name: 'Enter the key on the page Classify' }).click();
    await page.evaluate((key) => sessionStorage.setItem('hebb-key', key), key);
    await page.getByRole('link', { name: 'Network', exact: true }).click();
    await page.getByRole('button', { name: 'Use a drawn sunflower' }).click();
    await page.getByText('64 maps of 8×8').waitFor();
  });

  it('refuses weights with another digest, and loads a newly published model', async () => {
    const worker = await startLocked(); // its model is replaced
    onTestFinished(() => worker.close());
    await openEnginePage(page, worker.url, await keyFor(['classify'], worker));
    await page.route('**/weights.int8.safetensors', async (route) => {
      const body = await (await route.fetch()).body();
      body[body.length - 1]! ^= 1;
      await route.fulfill({ body });
    });
    await expect(page.evaluate(() => window.engine.info())).rejects.toThrow('not the model’s');
    await page.unroute('**/weights.int8.safetensors');

    await publish(worker, flowers);
    await expect
      .poll(() => worker.fetch('/readyz').then((response) => response.json()))
      .toMatchObject({ model: { name: 'flowers' } });
    const info = await page.evaluate(() => window.engine.info());
    expect(info).toMatchObject({ name: 'flowers', classes: 3 });
  });
});
