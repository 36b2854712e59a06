/**
 * The page `/network` in real Chromium, from the real Worker.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describeNetwork, googlenet, type NetworkSpec } from '@hebb/model';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { startBrowser } from '@hebb/test/support/browser';
import { PATIENCE_MS } from '@hebb/test/support/page';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let worker: TestWorker;
let browser: Browser;
let page: Page;
let spec: NetworkSpec;
let problems: string[];

beforeAll(async () => {
  spec = (await readPackage(BUILT_IN_MODEL)).manifest.network;
  worker = await startWorker({ model: BUILT_IN_MODEL });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
});

beforeEach(async () => {
  await open();
});
afterEach(async () => {
  expect(problems).toEqual([]);
  await page.context().close();
});

/** Opens the page in a tab with empty storage. */
async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(new URL('/network', worker.url).href);
  await layer('input').waitFor();
}

const layer = (name: string) => page.locator(`[data-layer="${name}"]`);
const details = () => page.getByRole('region', { name: 'Details' });

/** Makes the sample picture the last image. */
async function takeSunflower(): Promise<void> {
  await page.getByRole('button', { name: 'Use a drawn sunflower' }).click();
  await details().getByText('sunflower.jpg').waitFor();
}

describe('the drawing', () => {
  it('shows every layer of the served network', async () => {
    const { layers } = googlenet(spec, { auxiliary: true });
    const drawn = await page
      .locator('[data-layer]')
      .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-layer')));
    expect(drawn.toSorted()).toEqual(layers.map(({ name }) => name).toSorted());
    expect(await page.getByLabel('Network', { exact: true }).inputValue()).toBe('served');
  });

  it('shows what the network costs', async () => {
    const { totals } = describeNetwork(googlenet(spec));
    const figures = await page.locator('#figures').textContent();
    expect(figures).toContain('22');
    expect(figures).toContain('9');
    expect(figures).toContain(`${(totals.parameters / 1e6).toFixed(2)} M`);
    expect(figures).toContain(
      `${(totals.multiplyAdds / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} M`,
    );
  });

  it('shows naive modules, with the ratio of their costs', async () => {
    const { totals, comparisons } = describeNetwork(googlenet(spec));
    await page.getByRole('radio', { name: 'naive' }).check();
    expect(await layer('inception3a/3x3_reduce').count()).toBe(0);
    const ratio = comparisons.naiveNetwork.multiplyAdds / totals.multiplyAdds;
    const figures = await page.locator('#figures').textContent();
    expect(figures).toContain(`${ratio.toFixed(1)}× as many as with reductions`);
    await layer('inception4a').click();
    expect(await details().textContent()).toContain('It was never trained');
  });

  it('shows another variant when it is chosen', async () => {
    await page.getByLabel('Network', { exact: true }).selectOption('lrn');
    await layer('norm1').waitFor();
    const figures = await page.locator('#figures').textContent();
    expect(figures).toContain('7.00 M'); // the paper's, with 1000 classes: 6,998,552
    await layer('conv2').click();
    expect(await details().textContent()).toContain('not the served network');
  });
});

describe('a layer or module', () => {
  it('shows its shapes and its cost', async () => {
    await layer('inception4a').click();
    const text = await details().textContent();
    const { rows, comparisons } = describeNetwork(googlenet(spec));
    const row = rows.find(({ name }) => name === 'inception4a')!;
    expect(text).toContain('14 × 14 × 512');
    expect(text).toContain(row.parameters.toLocaleString('en'));
    const { naive } = comparisons.naiveModules.find(({ module }) => module === row.name)!;
    expect(text).toContain(`${(naive.multiplyAdds / 1e6).toFixed(1)} M multiply-adds`);
  });

  it('is reached and shown by keyboard', async () => {
    await page.getByRole('radio', { name: 'with 1×1 reductions' }).focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-layer'));
    expect(await focused()).toBe('input');
    for (const [key, name] of [
      ['ArrowDown', 'conv1'],
      ['End', 'softmax'],
      ['Home', 'input'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(name);
    }
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('inception3a');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const within = await focused();
    expect(within).toMatch(/^inception3a\//);
    await page.keyboard.press('Enter');
    expect(await details().getByRole('heading', { level: 2 }).textContent()).toBe(within);
    expect(await page.getByRole('status').textContent()).toContain(within!);
  });

  it('can be chosen in the table', async () => {
    await page.getByText('The network as a table').click();
    await page.locator('#table').getByRole('button', { name: '3x3_reduce' }).first().click();
    const heading = details().getByRole('heading', { level: 2 });
    expect(await heading.textContent()).toBe('inception3a/3x3_reduce');
  });

  it('of an auxiliary head is said to be for training', async () => {
    await layer('aux1/fc').click();
    expect(await details().textContent()).toContain('left out when an image is classified');
  });
});

describe('activations', () => {
  it('are those of the image that was classified on the page /', async () => {
    await page.goto(new URL('/', worker.url).href);
    await page.getByAltText('Drawn tulips').click();
    await expect.poll(() => page.evaluate(() => sessionStorage['hebb-last-image'])).toBeTruthy();
    await page.getByRole('link', { name: 'Network', exact: true }).click();
    await layer('softmax').click();
    await details().getByRole('cell').first().waitFor();
    const [first] = await details()
      .getByRole('row')
      .allInnerTexts()
      .then((rows) => rows.slice(1));
    expect(first).toMatch(/^tulips/);
  });

  it('are drawn as a map for each channel, branch by branch', async () => {
    await takeSunflower();
    await layer('inception3a').click();
    const maps = details().locator('figure');
    await maps.nth(3).waitFor();
    const captions = await maps.locator('figcaption').allInnerTexts();
    expect(captions.map((text) => text.split(';')[0])).toEqual([
      '1x1 64 maps of 28×28',
      '3x3 128 maps of 28×28',
      '5x5 32 maps of 28×28',
      'pool_proj 32 maps of 28×28',
    ]);
    expect(await distinctColours('figure canvas')).toBeGreaterThan(20);

    await details().getByLabel('Channel, 0 to 255').fill('200');
    await details().getByRole('img', { name: 'Channel 200.' }).waitFor();
    await maps
      .first()
      .locator('canvas')
      .click({ position: { x: 5, y: 5 } });
    expect(await details().getByLabel('Channel, 0 to 255').inputValue()).toBe('0');
  });

  it('are gone once the image is forgotten, which only this tab had', async () => {
    await takeSunflower();
    await details().getByRole('button', { name: 'Forget this image' }).click();
    await details().getByRole('button', { name: 'Use a drawn sunflower' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('need only the network’s input to be kept', async () => {
    await takeSunflower();
    const { name, rgb } = await page.evaluate(() => JSON.parse(sessionStorage['hebb-last-image']));
    expect(name).toBe('sunflower.jpg');
    expect(Buffer.from(rgb, 'base64')).toHaveLength(spec.inputSize ** 2 * 3);
  });
});

const distinctColours = (selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const context = (canvas as HTMLCanvasElement).getContext('2d')!;
      return new Set(new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)).size;
    });

describe('on a phone', () => {
  it('shows the details over the bottom of the page until they are closed', async () => {
    await page.context().close();
    await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
    expect(await details().count()).toBe(0);
    await layer('pool1').tap();
    await details().getByRole('button', { name: 'Close' }).tap();
    expect(await details().count()).toBe(0);
    const [wide, visible] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(wide).toBe(visible); // nothing scrolls sideways
  });
});

describe('for assistive technology', () => {
  it('axe finds no fault in light or dark', async () => {
    await page.getByText('The network as a table').click();
    await takeSunflower();
    await details().locator('figure').first().waitFor();
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8'));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, ...(await violations())]).toEqual([colorScheme]);
    }
  });
});

/** Violations that axe finds on the page: rule, then elements and why. */
const violations = () =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    return (await axe.run()).violations.map(({ id, nodes }) => [
      id,
      ...nodes.slice(0, 5).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    ]);
  });
