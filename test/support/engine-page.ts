/**
 * The browser's engine for tests, loaded on a page of the real Worker.
 * @module
 */

import type { BrowserEngine } from '@hebb/pages/engine/index';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

/** The globals on the page. */
export interface EngineWindow {
  readonly hebb: { openBrowserEngine(options: { key?: string }): BrowserEngine };
  engine: BrowserEngine;
  /** Images by name (see `giveImage`). */
  readonly images: Record<string, Blob>;
}

/** Opens a page with an open engine as a global. */
export async function openEnginePage(page: Page, url: URL, key?: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ['edge/pages/engine/index.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'hebb',
  });
  // Served as one of the service's own scripts, since the page's CSP allows no others.
  await page.route('**/assets/test-engine.js', (route) =>
    route.fulfill({ body: outputFiles[0]!.text, contentType: 'text/javascript' }),
  );
  await page.goto(new URL('/network', url).href);
  await page.addScriptTag({ url: '/assets/test-engine.js' });
  await page.evaluate((key) => {
    const window = globalThis as unknown as EngineWindow;
    const engine = window.hebb.openBrowserEngine(key === undefined ? {} : { key });
    Object.assign(globalThis, { engine, images: {} });
  }, key);
}

/** Makes a file available on the page as `images[name]`. */
export async function giveImage(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ([name, base64]) => {
      const { images } = globalThis as unknown as EngineWindow;
      images[name!] = new Blob([Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0))]);
    },
    [name, Buffer.from(bytes).toString('base64')],
  );
}
