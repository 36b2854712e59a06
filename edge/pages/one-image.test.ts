/**
 * One image on the page at /, in real Chromium, with the real Worker and the real GPU tier behind it.
 */
import { readFile } from 'node:fs/promises';
import type { Classification } from '@hebb/client';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { HEIC_FILES } from '@hebb/test/decode/heic/files';
import { bmpOf } from '@hebb/test/support/bmp';
import { FAKE_CAMERA, startBrowser } from '@hebb/test/support/browser';
import {
  accessibilityFaults,
  dropFiles,
  openPage,
  samplePath,
  scrollsSideways,
  textOf,
} from '@hebb/test/support/page';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const SECRET = 'the secret of these tests';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let tier: TestTier;
let worker: TestWorker;
let browser: Browser;

beforeAll(async () => {
  tier = await startTier({ models: [BUILT_IN_MODEL], secrets: [SECRET] });
  const vars = { HEBB_GPU_URL: tier.url, HEBB_HOP_SECRET: SECRET };
  worker = await startWorker({ model: BUILT_IN_MODEL, vars });
  browser = await startBrowser(FAKE_CAMERA);
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
  await tier?.stop();
});

const home = async (options = {}) => await openPage(browser, worker.url, options);

/** The bars on the page: label and percent. */
async function shownBars(page: Page): Promise<string[]> {
  await page.waitForSelector('.bars');
  return await page.locator('.bars li').allInnerTexts();
}

/** The API's answer for the same file, as the bars should show it. */
async function expectedBars(name: Parameters<typeof samplePath>[0]): Promise<string[]> {
  const body = await readFile(samplePath(name));
  const response = await worker.fetch('/v1/classify', { method: 'POST', body });
  const { predictions } = (await response.json()) as Classification;
  return predictions.map(({ label, score }) => `${label}\n${(100 * score).toFixed(1)} %`);
}

describe('an image', () => {
  it('is chosen, and its classes are shown as the API returns them', async () => {
    const page = await home();
    await page.setInputFiles('#files', samplePath('tulips'));
    expect(await shownBars(page)).toEqual(await expectedBars('tulips'));
    const facts = await textOf(page.locator('.facts'));
    expect(facts).toMatch(/the edge, in int8 \(a single image\)/);
    expect(facts).toMatch(/flowers, version [0-9a-f]{12}/);
    expect(facts).toMatch(/Decoding\n[\d.]+ ms/);
    expect(facts).toMatch(/Inference\n[\d.]+ ms/);
    expect(await textOf(page.locator('#status'))).toMatch(/^tulips, \d+\.\d %\.$/);
  });

  it('is dropped, pasted, or one of the page’s samples', async () => {
    const page = await home();
    await dropFiles(page, [samplePath('sunflower')]);
    await page.locator('h2').getByText('sunflowers').waitFor();
    expect(await shownBars(page)).toEqual(await expectedBars('sunflower'));

    const base64 = (await readFile(samplePath('daisy'))).toString('base64');
    await page.evaluate((text) => {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], 'daisy.jpg', { type: 'image/jpeg' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, base64);
    await page.locator('h2').getByText('daisy').waitFor();
    expect(await shownBars(page)).toEqual(await expectedBars('daisy'));

    await page.getByRole('button', { name: 'Drawn tulips' }).click();
    await page.locator('h2').getByText('tulips').waitFor();
    expect(await shownBars(page)).toEqual(await expectedBars('tulips'));
  });

  it('is taken with the camera', async () => {
    const page = await home();
    await page.getByRole('button', { name: 'Take a photo' }).click();
    await page.getByRole('button', { name: 'Take the photo' }).click();
    expect(await shownBars(page)).toHaveLength(5);
    const picture = page.locator('.frame img');
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1280);
    expect(await page.locator('#camera').isVisible()).toBe(false);
  });

  it('is answered by the GPU tier when the option is set', async () => {
    const page = await home();
    await page.getByText('Options').click();
    await page.getByLabel('Answered by').selectOption('gpu');
    await page.setInputFiles('#files', samplePath('tulips'));
    await page.waitForSelector('.bars');
    expect(await textOf(page.locator('.facts'))).toContain('the GPU tier, in float32');
  });
});

describe('a camera that is refused', () => {
  it('is replaced by the file dialog, with the reason', async () => {
    const page = await home();
    await page.evaluate(() => {
      // Chromium cannot be started without a camera any more.
      const refuse = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      Object.assign(navigator.mediaDevices, { getUserMedia: refuse });
    });
    await page.getByRole('button', { name: 'Take a photo' }).click();
    await page.getByText('was not allowed to use the camera').waitFor();
    await page.setInputFiles('#capture', samplePath('tulips'));
    expect(await shownBars(page)).toEqual(await expectedBars('tulips'));
  });
});

describe('the comparison', () => {
  it('shows edge, GPU tier and browser side by side, and that they agree', async () => {
    const page = await home();
    await page.setInputFiles('#files', samplePath('tulips'));
    await page.getByRole('button', { name: /^Compare/ }).click();
    await page
      .locator('#one')
      .getByText(/All three say tulips\. The largest difference .* percentage points/)
      .waitFor();
    const rows = await page.locator('.compare tbody tr').allInnerTexts();
    const cells = rows.map((row) => row.split(/\s*\t\s*/));
    expect(cells).toHaveLength(5 + 3);
    const [best] = cells;
    expect(best![0]).toBe('tulips');
    const [edge, gpu, own] = best!.slice(1).map(Number.parseFloat);
    expect(Math.abs(edge! - gpu!)).toBeLessThan(10);
    expect(Math.abs(edge! - own!)).toBeLessThan(2); // another JPEG decoder
    for (const times of cells.slice(5)) {
      expect(times.slice(1).every((time) => /^[\d.]+ m?s$/.test(time))).toBe(true);
    }
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

describe('the occlusion map', () => {
  it('covers the part of the picture that the network sees', async () => {
    const page = await home();
    await page.setInputFiles('#files', samplePath('sunflower'));
    await page.getByRole('button', { name: 'Show what it looked at' }).click();
    const told = page.locator('#one').getByText(/from 66\.0 % to \d+\.\d %, at the/);
    await told.waitFor();
    const image = (await page.locator('.frame img').boundingBox())!;
    const seen = (await page.locator('.seen').boundingBox())!;
    expect(seen.height / image.height).toBeCloseTo(224 / 256, 2);
    expect(seen.width).toBeCloseTo(seen.height, 0);
    const alphas = await page
      .locator('.seen canvas')
      .evaluate((canvas: HTMLCanvasElement) => [
        ...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data,
      ]);
    const opacities = alphas.filter((_, i) => i % 4 === 3);
    expect(Math.max(...opacities)).toBe(215); // there is a brightest place
    expect(new Set(opacities).size).toBeGreaterThan(20); // and many between
    await page.getByRole('button', { name: 'Hide the map' }).click();
    expect(await page.locator('.seen').count()).toBe(0);
  });
});

describe('accessibility', () => {
  it('axe finds no fault in light or dark', async () => {
    const page = await home({ reducedMotion: 'reduce' }); // colours change at once
    const faults = async () => {
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await accessibilityFaults(page)));
      }
      return found;
    };
    expect(await faults()).toEqual([]);
    await page.setInputFiles('#files', samplePath('tulips'));
    await page.waitForSelector('.bars');
    expect(await faults()).toEqual([]);
    await page.setInputFiles('#files', import.meta.filename);
    await page.waitForSelector('.note');
    expect(await faults()).toEqual([]);
    await page.getByRole('button', { name: 'Take a photo' }).click();
    await page.waitForSelector('#shoot:not([disabled])');
    expect(await faults()).toEqual([]);
  });

  it('the page fits phones down to 320 pixels', async () => {
    const page = await home(PHONE);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await scrollsSideways(page)).toBe(false);
    await page.setViewportSize(PHONE.viewport);
    expect(await scrollsSideways(page)).toBe(false);
    await page.setInputFiles('#files', samplePath('tulips'));
    await page.getByRole('button', { name: /^Compare/ }).click();
    await page.locator('#one').getByText('All three say').waitFor();
    expect(await scrollsSideways(page)).toBe(false);
  });

  it('the page works by keyboard alone', async () => {
    const page = await home();
    const focused = () => page.evaluate(() => document.activeElement?.outerHTML ?? '');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('Skip to the content');
    const reached: string[] = [];
    for (let i = 0; i < 12 && !reached.at(-1)?.includes('data-sample="sunflower"'); i++) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    const names = ['href="/network"', 'id="theme"', 'id="files"', 'id="photograph"'];
    for (const name of names) expect(reached.some((html) => html.includes(name))).toBe(true);
    await page.keyboard.press('Enter');
    expect(await shownBars(page)).toEqual(await expectedBars('sunflower'));
    // The result has the focus, so the next Tab continues there.
    expect(await focused()).toContain('id="one"');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('Compare');
  });

  it('the theme is light, dark or the system’s, on all pages', async () => {
    const page = await home({ colorScheme: 'dark' });
    const background = () =>
      page.evaluate(() => getComputedStyle(document.body).getPropertyValue('background-color'));
    const dark = await background();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    const light = await background();
    expect(light).not.toBe(dark);
    await page.goto(new URL('/network', worker.url).href);
    expect(await background()).toBe(light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await background()).toBe(dark);
  });
});

describe('a format that the service does not decode', () => {
  it('is drawn by the browser and sent as JPEG', async () => {
    const page = await home();
    const buffer = await bmpOf(samplePath('tulips'));
    const asItIs = { method: 'POST', body: new Uint8Array(buffer) };
    expect((await worker.fetch('/v1/classify', asItIs)).status).toBe(415);
    await page.setInputFiles('#files', { name: 'tulips.bmp', mimeType: 'image/bmp', buffer });
    const [best, ...others] = await shownBars(page);
    expect(best).toMatch(/^tulips/);
    expect(others).not.toEqual([]);
    expect(await textOf(page.locator('.facts'))).toMatch(/the edge, in int8 \(a single image\)/);
  });

  it('is sent unchanged if the browser cannot decode it, as HEIC, and the GPU tier answers', async () => {
    const page = await home();
    const buffer = Buffer.from(HEIC_FILES.plain, 'base64');
    await page.setInputFiles('#files', { name: 'photo.heic', mimeType: 'image/heic', buffer });
    await shownBars(page);
    expect(await textOf(page.locator('.facts'))).toContain(
      'the edge does not decode HEIC, the GPU tier does',
    );
  });

  it('is refused with a hint if only the edge may answer', async () => {
    const page = await home();
    await page.getByText('Options').click();
    await page.getByLabel('Answered by').selectOption('edge');
    const buffer = Buffer.from(HEIC_FILES.plain, 'base64');
    await page.setInputFiles('#files', { name: 'photo.heic', mimeType: 'image/heic', buffer });
    const note = page.getByRole('alert');
    await note.getByText('unsupported_format').waitFor();
    expect(await textOf(note)).toMatch(/HEIC.*Export it as JPEG/s);
  });
});

describe('an error', () => {
  it('is shown with a hint: a file that is no image, and a truncated one', async () => {
    const page = await home();
    const note = page.getByRole('alert');
    await page.setInputFiles('#files', import.meta.filename);
    await note.getByText('Send JPEG, PNG, WebP, AVIF or GIF.').waitFor();
    expect(await textOf(note)).toContain('unsupported_format');
    const buffer = (await readFile(samplePath('tulips'))).subarray(0, 9_000);
    await page.setInputFiles('#files', { name: 'half.jpg', mimeType: 'image/jpeg', buffer });
    await note.getByText('broken_image').waitFor();
  });

  it('is shown with a hint: the service does not answer', async () => {
    const own = await startWorker({ model: BUILT_IN_MODEL });
    onTestFinished(() => own.close());
    const page = await openPage(browser, own.url);
    await page.waitForSelector('#model:not(:empty)');
    await own.close();
    await page.setInputFiles('#files', samplePath('tulips'));
    const note = page.getByRole('alert');
    await note.getByText('does not answer').waitFor();
    expect(await note.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true);
  });
});
