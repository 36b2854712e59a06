/**
 * `npm run pictures`: takes the screenshots in docs/pictures from the real pages in Chromium.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { startBrowser } from '../support/browser.ts';
import { startTier } from '../support/tier.ts';
import { startWorker } from '../support/worker.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'pictures');
const SECRET = 'only for these pictures';
const DESK = { viewport: { width: 1100, height: 1040 } };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;
const GAP = 40;

async function open(browser: Browser, url: URL, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(url.href);
  await page.getByRole('button', { name: 'A drawn sunflower' }).click();
  await page.waitForSelector('.bars');
  return page;
}

/** The page on a desktop in the light theme, and on a phone in the dark one. */
async function classifyPicture(browser: Browser, url: URL): Promise<Buffer> {
  const desk = await open(browser, url, DESK);
  await desk.getByRole('button', { name: 'Show what it looked at' }).click();
  await desk.waitForSelector('.seen', { timeout: 120_000 });
  await desk.evaluate(() => scrollTo(0, 0));
  const phone = await open(browser, url, PHONE);
  await phone.getByRole('button', { name: /^Compare/ }).click();
  await phone.locator('#one').getByText('All three say').waitFor();
  await phone.locator('.compare').evaluate((element) => element.scrollIntoView({ block: 'end' }));
  const [left, right] = await Promise.all([desk.screenshot(), phone.screenshot()]);
  const { width, height } = DESK.viewport;
  return await sharp({
    create: {
      width: width + PHONE.viewport.width + 3 * GAP,
      height: height + 2 * GAP,
      channels: 3,
      background: '#c9cfcb',
    },
  })
    .composite([
      { input: left, left: GAP, top: GAP },
      { input: right, left: width + 2 * GAP, top: GAP + (height - PHONE.viewport.height) / 2 },
    ])
    .png()
    .toBuffer();
}

async function networkPicture(browser: Browser, url: URL): Promise<Buffer> {
  const page = await open(browser, url, DESK);
  await page.waitForFunction(() => sessionStorage.getItem('hebb-last-image') !== null);
  await page.goto(new URL('/network', url).href);
  await page.locator('#details canvas').nth(1).waitFor(); // the image and its activations
  await page.getByText('Its layers').click(); // collapses them, to make room for the activations
  await page.locator('#details').evaluate((element) => element.scrollIntoView());
  return await page.screenshot();
}

/** Saves as PNG with a palette, since a page has few colours. */
const save = async (name: string, picture: Buffer) =>
  await writeFile(
    join(FOLDER, name),
    await sharp(picture).png({ palette: true, effort: 10 }).toBuffer(),
  );

const tier = await startTier({ models: [BUILT_IN_MODEL], secrets: [SECRET] });
const vars = { HEBB_GPU_URL: tier.url, HEBB_HOP_SECRET: SECRET };
const worker = await startWorker({ model: BUILT_IN_MODEL, vars });
const browser = await startBrowser();
try {
  await mkdir(FOLDER, { recursive: true });
  await save('classify.png', await classifyPicture(browser, worker.url));
  await save('network.png', await networkPicture(browser, worker.url));
} finally {
  await browser.close();
  await worker.close();
  await tier.stop();
}
