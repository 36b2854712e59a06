import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HOSTILE, sampleReport } from '@hebb/test/report/sample';
import { startBrowser } from '@hebb/test/support/browser';
import { writeImage } from '@hebb/test/support/image-files';
import { PATIENCE_MS } from '@hebb/test/support/page';
import { temporaryFolder } from '@hebb/test/support/temporary';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from './report.ts';

describe('the report in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  /** The report's file, with one real thumbnail. */
  async function reportFile(): Promise<string> {
    const dir = await temporaryFolder();
    await writeImage(join(dir, 'a.jpg'), 1, 400, 300);
    const small = await sharp(join(dir, 'a.jpg')).resize(180).jpeg().toBuffer();
    const data = sampleReport(HOSTILE);
    const images = new Map(
      [...data.images!].map(([i, image]) => [i, { ...image, thumbnail: small! }]),
    );
    const file = join(dir, 'report.html');
    await writeFile(file, reportHtml({ ...data, images }));
    return pathToFileURL(file).href;
  }

  it.each([
    ['light', 1100],
    ['dark', 1100],
    ['light', 360],
    ['dark', 360],
  ] as const)(
    'opens without errors or requests: %s, %i pixels wide',
    async (colorScheme, width) => {
      const url = await reportFile();
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
      page.setDefaultTimeout(PATIENCE_MS);
      const [messages, requests]: [string[], string[]] = [[], []];
      page.on('console', (message) => messages.push(message.text()));
      page.on('pageerror', (error) => messages.push(error.message));
      page.on('dialog', (dialog) => {
        messages.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(url);
      const seen = await page.evaluate(() => ({
        background: getComputedStyle(document.body).backgroundColor,
        tooWide: document.documentElement.scrollWidth > innerWidth,
        scripts: document.scripts.length,
        images: [...document.images].map((image) => image.naturalWidth),
        name: document.querySelector('.matrix tbody tr:nth-child(2) th')!.textContent,
      }));
      await page.close();
      expect(messages).toEqual([]);
      expect(requests.filter((request) => !request.startsWith('data:'))).toEqual([url]);
      expect(seen.background).toBe(
        colorScheme === 'dark' ? 'rgb(15, 17, 21)' : 'rgb(255, 255, 255)',
      );
      expect(seen).toMatchObject({ tooWide: false, scripts: 0, name: HOSTILE[1] });
      expect(seen.images.length).toBeGreaterThan(20);
      expect(new Set(seen.images)).toEqual(new Set([180]));
    },
  );
});
