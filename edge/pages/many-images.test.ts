/**
 * Many images on the page at /, in real Chromium with the real Worker: batches, jobs, downloads, keys.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Line } from '@hebb/client';
import { createKey } from '@hebb/models/keys/keys';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { recordName } from '@hebb/protocol/access/key-record';
import { bmpOf } from '@hebb/test/support/bmp';
import { startBrowser } from '@hebb/test/support/browser';
import { misbehavingTier } from '@hebb/test/support/misbehaving-tier';
import {
  accessibilityFaults,
  dropFiles,
  openPage,
  samplePath,
  textOf,
} from '@hebb/test/support/page';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { workerForTest } from '@hebb/test/support/worker-for-test';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let worker: TestWorker;
let browser: Browser;
let tulips: Buffer;

beforeAll(async () => {
  tulips = await readFile(samplePath('tulips'));
  worker = await startWorker({ model: BUILT_IN_MODEL });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
});

const home = async (options = {}) => await openPage(browser, worker.url, options);

/** Copies of one photograph, as files for the page. */
const copies = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: `tulips-${i}.jpg`,
    mimeType: 'image/jpeg',
    buffer: tulips,
  }));

const notes = { name: '=notes, all.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };

/** Waits until all images are answered and returns the summary. */
async function ended(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Results as CSV' }).waitFor();
  return await textOf(page.locator('.head p').first());
}

async function downloaded(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name }).click(),
  ]);
  return await readFile(await download.path(), 'utf8');
}

/** The Worker behind a proxy that stalls after this many lines of a batch. */
async function stalling(lines: number): Promise<string> {
  const { hostname, port } = worker.url;
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      if (!url!.startsWith('/v1/batch')) return void answer.pipe(outgoing);
      let left = lines;
      const read = createInterface({ input: answer });
      read.on('error', () => outgoing.destroy());
      read.on('line', (line) => {
        if (left-- > 0) outgoing.write(`${line}\n`);
      });
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe('a batch', () => {
  it('shows each image with its class, and offers the results as CSV and JSON', async () => {
    const page = await home();
    await page.setInputFiles('#files', [...copies(5), notes]);
    expect(await ended(page)).toBe('6 of 6 images done, 1 failed.');
    expect(await textOf(page.locator('.counts'))).toBe('5 × tulips');
    const tiles = await page.locator('.gallery li').allInnerTexts();
    expect(tiles[0]).toMatch(/^tulips-0\.jpg\s+tulips \d+\.\d %$/);
    expect(tiles[5]).toContain('Send JPEG, PNG, WebP, AVIF or GIF.');
    await page.locator('.gallery canvas').nth(4).waitFor(); // a thumbnail of each

    const lines = JSON.parse(await downloaded(page, 'Results as JSON')) as Line[];
    expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(lines[5]).toMatchObject({ error: { code: 'unsupported_format' } });

    const csv = (await downloaded(page, 'Results as CSV')).trimEnd().split('\r\n');
    expect(csv).toHaveLength(7);
    expect(csv[0]).toMatch(/^index,name,label,score,tier,precision,model,version,label_2,score_2,/);
    expect(csv[1]).toMatch(/^0,tulips-0\.jpg,tulips,0\.\d+,edge,int8,flowers,[0-9a-f]{64},/);
    expect(csv[6]).toMatch(/^5,"'=notes, all\.txt",,,/); // not a formula for a spreadsheet
    expect(csv[6]).toContain('unsupported_format');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('redraws a format that only the browser decodes, and keeps the file’s name', async () => {
    const page = await home();
    const buffer = await bmpOf(samplePath('tulips'));
    const bmp = { name: 'drawn.bmp', mimeType: 'image/bmp', buffer };
    await page.setInputFiles('#files', [...copies(1), bmp, notes]);
    expect(await ended(page)).toBe('3 of 3 images done, 1 failed.');
    const lines = JSON.parse(await downloaded(page, 'Results as JSON')) as Line[];
    expect(lines).toMatchObject([
      { index: 0, predictions: [{ label: 'tulips' }, {}, {}, {}, {}] },
      { index: 1, name: 'drawn.bmp', predictions: [{ label: 'tulips' }, {}, {}, {}, {}] },
      { index: 2, error: { code: 'unsupported_format' } },
    ]);
  });

  it('shows one of its images by itself without another request', async () => {
    const page = await home();
    await page.setInputFiles('#files', copies(3));
    await ended(page);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('button', { name: /tulips-1\.jpg/ }).click();
    await page.waitForSelector('.bars');
    expect(asked.filter((url) => url.includes('/v1/classify'))).toEqual([]);
  });

  it('can be stopped', async () => {
    const page = await openPage(browser, await stalling(3));
    await page.setInputFiles('#files', copies(99));
    await page.getByText(/^Classifying: 3 of 99 images/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await ended(page)).toBe('Stopped: 3 of 99 images done.');
  });

  it('is made of the images in a dropped folder', async () => {
    const folder = join(await temporaryFolder(), 'photos');
    await mkdir(join(folder, 'deeper'), { recursive: true });
    await cp(samplePath('daisy'), join(folder, 'daisy.jpg'));
    await cp(samplePath('tulips'), join(folder, 'deeper', 'tulips.jpg'));
    await writeFile(join(folder, 'notes.txt'), 'hello');
    const page = await home();
    await dropFiles(page, [folder]);
    expect(await ended(page)).toBe('2 of 2 images done.');
    const tiles = await page.locator('.gallery li').allInnerTexts();
    expect(tiles.map((text) => text.split('\n')[0])).toEqual(['daisy.jpg', 'tulips.jpg']);
  });
});

describe('a job', () => {
  it('is made when the option is set, and found again after a reload', async () => {
    const page = await home();
    await page.getByText('Options').click();
    await page.getByLabel(/as a job/).check();
    await page.setInputFiles('#files', copies(30));
    await page.waitForURL(/#job=\w+$/);
    await page.reload();
    await page.getByText('30 of 30 images done.').first().waitFor();
    expect(await textOf(page.locator('.counts'))).toBe('30 × tulips');
    const lines = JSON.parse(await downloaded(page, 'Results as JSON')) as Line[];
    expect(lines.map(({ name }) => name)).toEqual(copies(30).map(({ name }) => name));
  });

  it('is made of a hundred images, and can be cancelled', async () => {
    // The GPU tier never answers, so the job is still running however slow this browser is.
    const tier = await misbehavingTier('http://127.0.0.1', () => 'silent');
    onTestFinished(() => tier.close());
    const vars = { HEBB_GPU_URL: tier.url };
    const worker = await workerForTest({ model: BUILT_IN_MODEL, vars });
    const page = await openPage(browser, worker.url);
    await page.getByText('Options').click();
    await page.getByLabel('Answered by').selectOption('gpu');
    await page.setInputFiles('#files', copies(100));
    await page.waitForURL(/#job=\w+$/);
    const id = page.url().split('=').at(-1);
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await expect.poll(async () => (await worker.fetch(`/v1/jobs/${id}`)).status).toBe(404);
  });

  it('that does not exist is reported', async () => {
    const page = await openPage(browser, new URL('/#job=zybqrvfzbp51nj4bnxsxdtxts1', worker.url));
    await page.getByRole('alert').getByText('job_not_found').waitFor();
  });
});

describe('a service that requires a key', () => {
  it('is asked with a key that the page requests and keeps for this tab', async () => {
    const locked = await startWorker({ model: BUILT_IN_MODEL, vars: { HEBB_ACCESS: 'keys' } });
    try {
      const { key, record } = await createKey({ name: 'page', scopes: ['classify'] }, new Date());
      const namespace = await locked.miniflare.getKVNamespace('KEYS');
      await namespace.put(recordName(record.id), JSON.stringify(record));
      const page = await openPage(browser, locked.url);
      await page.setInputFiles('#files', samplePath('tulips'));
      const field = page.getByLabel('API key');
      await field.fill('hebb_nonsense');
      await page.getByRole('button', { name: 'Use this key' }).click();
      await page.getByRole('alert').getByText('key_invalid').waitFor();
      await field.fill(key);
      await page.keyboard.press('Enter');
      await page.waitForSelector('.bars');
      expect(await textOf(page.getByRole('alert'))).toBe('');
      expect(await field.isVisible()).toBe(false);

      await page.reload();
      await page.getByRole('button', { name: 'Drawn tulips' }).click();
      await page.waitForSelector('.bars');
      // The engine in the browser fetches the model with the same key.
      await page.getByRole('button', { name: /^Compare/ }).click();
      await page.locator('#one').getByText('Both say tulips').waitFor();

      // The key's scope is single images.
      await page.setInputFiles('#files', copies(2));
      await page.getByRole('alert').getByText('scope_missing').waitFor();
      const kept = await page.evaluate(() => [localStorage.length, sessionStorage['hebb-key']]);
      expect(kept).toEqual([0, key]);
    } finally {
      await locked.close();
    }
  });
});
