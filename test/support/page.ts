/**
 * The Worker's pages in a real browser.
 * @module
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Timeout for the browser's waits, long enough for a busy machine. The test's own timeout is shorter. */
export const PATIENCE_MS = 600_000;

/**
 * Opens a page of the Worker for one test. The test fails if a script throws, or if the page's CSP blocks
 * something.
 */
export async function openPage(
  browser: Browser,
  url: URL | string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
  await page.goto(String(url));
  return page;
}

const SAMPLES = join(import.meta.dirname, '..', 'samples');

/** Path of a sample photograph. */
export const samplePath = (name: 'sunflower' | 'tulips' | 'daisy') => join(SAMPLES, `${name}.jpg`);

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Violations that axe-core reports: rule and element. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axePath, 'utf8'));
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** The visible text of elements, with a line for each block. */
export const textOf = async (elements: Locator): Promise<string> =>
  (await elements.allInnerTexts()).join('\n');

/** True if the page is wider than the window. */
export const scrollsSideways = async (page: Page): Promise<boolean> =>
  await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

/** Drags files and folders from outside the browser onto the page, by the DevTools protocol. */
export async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  let arrived = false;
  await page.exposeFunction('dropArrived', () => {
    arrived = true;
  });
  await page.evaluate(() => {
    const { dropArrived } = globalThis as unknown as { dropArrived(): Promise<void> };
    addEventListener('drop', () => void dropArrived(), { capture: true });
  });
  // On a busy machine the browser may ignore a drop because the page has not accepted the drag yet.
  for (let i = 0; i < 20 && !arrived; i++) {
    for (const type of ['dragEnter', 'dragOver', 'dragOver', 'drop'] as const) {
      await devTools.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }
}
