/**
 * The page `/docs` in real Chromium, from the real Worker.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { startBrowser } from '@hebb/test/support/browser';
import { PATIENCE_MS } from '@hebb/test/support/page';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const DAISY = fileURLToPath(new URL('../../test/samples/daisy.jpg', import.meta.url));

let worker: TestWorker;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await worker.close();
});
afterEach(() => page.close());

/** Opens the page and records errors, which include violations of the CSP, and requests to elsewhere. */
async function open(options: Parameters<Browser['newPage']>[0] = {}) {
  page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== worker.url.origin) elsewhere.push(request.url());
  });
  await page.goto(new URL('/docs', worker.url).href);
  await page.getByText('Classify an image').waitFor();
  return { complaints, elsewhere };
}

it('shows every route, loads nothing from elsewhere, and obeys the CSP', async () => {
  const { complaints, elsewhere } = await open();
  for (const path of ['/v1/classify', '/v1/batch', '/v1/jobs/{id}/results', '/readyz']) {
    expect(await page.locator(`[data-path="${path}"]`).count()).toBeGreaterThan(0);
  }
  expect(complaints).toEqual([]);
  expect(elsewhere).toEqual([]);
});

it('has enough contrast and named fields in light and dark, by axe-core', async () => {
  await open();
  await page.locator('#operations-Classify-classify .opblock-summary-control').press('Enter');
  await page.locator('#operations-Classify-classify input[type=file]').waitFor();
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8'));
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const shown = colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)';
    await page.locator(shown).waitFor();
    // Colours change in a third of a second.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
    expect([colorScheme, ...(await violations())]).toEqual([colorScheme]);
  }
});

it('tries a route out: sends an image and shows its class', async () => {
  const { complaints } = await open();
  const route = page.locator('#operations-Classify-classify');
  await route.locator('.opblock-summary-control').press('Enter');
  await route.locator('input[type=file]').setInputFiles(DAISY);
  await route.getByRole('button', { name: 'Execute' }).click();
  const answer = route.locator('.live-responses-table .response').first();
  await answer.getByText('daisy').first().waitFor();
  expect(await answer.locator('.response-col_status').textContent()).toContain('200');
  expect(complaints).toEqual([]);
});

it('follows the page’s theme, and fits a phone', async () => {
  await open({ colorScheme: 'dark', viewport: { width: 360, height: 740 } });
  const dark = () => page.evaluate(() => document.documentElement.classList.contains('dark-mode'));
  expect(await dark()).toBe(true);
  await page.locator('#operations-Classify-classify .opblock-summary-control').press('Enter');
  await page.locator('#operations-Classify-classify input[type=file]').setInputFiles(DAISY);
  const reset = page.getByRole('button', { name: 'Reset' });
  await reset.waitFor();
  const { x, width } = (await reset.boundingBox())!;
  expect(x + width).toBeLessThan(360);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const theme = page.locator('#theme');
  await theme.click(); // from the system's theme to light
  expect(await dark()).toBe(false);
});

/** Rules that Swagger UI's own markup breaks: a main inside ours, nested buttons, levels of headings. */
const SWAGGER_UI = [
  'heading-order',
  'landmark-main-is-top-level',
  'landmark-no-duplicate-main',
  'landmark-unique',
  'nested-interactive',
  'scrollable-region-focusable',
];

/** Other violations that axe finds: rule, then elements and why. */
const violations = () =>
  page.evaluate(async (swaggerUi) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run({
      rules: Object.fromEntries(swaggerUi.map((rule) => [rule, { enabled: false }])),
    });
    return found.violations.map(({ id, nodes }) => [
      id,
      ...nodes.slice(0, 20).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    ]);
  }, SWAGGER_UI);
