import { join } from 'node:path';
import { browserIfAny } from '@hebb/test/support/browser';
import { bundleCode } from '../bundle.ts';
import { type BenchPage, openPage } from './browser.ts';

/** Bundles page.ts and opens it in Chromium; undefined where there is no Chromium. */
export async function startPage(): Promise<BenchPage | undefined> {
  const browser = await browserIfAny();
  if (!browser) return undefined;
  const entry = JSON.stringify(join(import.meta.dirname, 'page.ts'));
  return openPage(browser, await bundleCode(`import ${entry};`, 'iife'));
}
