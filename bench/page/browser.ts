import { join } from 'node:path';
import { browserIfAny } from '@hebb/test/support/browser';
import type { Browser } from 'playwright-core';
import { bundleCode } from '../bundle.ts';
import type { PageApi } from './api.ts';
import { type PageServer, startServer } from './server.ts';

/** A page in headless Chromium, and its server. */
export interface BenchPage {
  readonly version: string;
  readonly server: PageServer;
  /** Calls a function of `globalThis.bench` on the page. */
  call<Name extends keyof PageApi>(
    name: Name,
    ...args: Parameters<PageApi[Name]>
  ): Promise<Awaited<ReturnType<PageApi[Name]>>>;
  close(): Promise<void>;
}

/** Opens a page that runs `script`. Closing it closes the browser. */
async function openPage(browser: Browser, script: string): Promise<BenchPage> {
  const server = await startServer();
  server.serve('/', () => '<!doctype html><title>bench</title><script src="/page.js"></script>');
  server.serve('/page.js', () => script);
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`On the page: ${error.message}`));
    await page.goto(server.url);
    return {
      version: browser.version(),
      server,
      call: (name, ...args) =>
        page.evaluate(
          ([fn, values]) => {
            const { bench } = globalThis as unknown as {
              bench: Record<string, (...values: unknown[]) => Promise<never>>;
            };
            return bench[fn]!(...values);
          },
          [name, args] as const,
        ),
      async close() {
        await browser.close();
        await server.close();
      },
    };
  } catch (error) {
    await browser.close();
    await server.close();
    throw error;
  }
}

/** Bundles page.ts and opens it in Chromium. Undefined if there is no Chromium. */
export async function startPage(): Promise<BenchPage | undefined> {
  const browser = await browserIfAny();
  if (!browser) return undefined;
  const entry = JSON.stringify(join(import.meta.dirname, 'page.ts'));
  return openPage(browser, await bundleCode(`import ${entry};`, 'iife'));
}
