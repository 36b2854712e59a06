import { join } from 'node:path';
import { findChromium } from '../../support/browser.ts';
import { bundleCode } from '../bundle.ts';
import { type BenchPage, openPage } from './browser.ts';

/** Bundles page.ts and opens it in Chromium; undefined where there is no Chromium. */
export async function startPage(env: NodeJS.ProcessEnv): Promise<BenchPage | undefined> {
  const path = findChromium(env);
  if (!path) return undefined;
  const entry = JSON.stringify(join(import.meta.dirname, 'page.ts'));
  return openPage(path, await bundleCode(`import ${entry};`, 'iife'));
}
