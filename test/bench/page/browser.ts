import { chromium } from 'playwright-core';
import { BROWSER_ARGUMENTS } from '../../support/browser.ts';
import type { PageApi } from './api.ts';
import { type PageServer, startServer } from './server.ts';

/** A page in headless Chromium, and the server that feeds it. */
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

/** Starts Chromium on a page that runs `script`. */
export async function openPage(executablePath: string, script: string): Promise<BenchPage> {
  const server = await startServer();
  server.serve('/', () => '<!doctype html><title>bench</title><script src="/page.js"></script>');
  server.serve('/page.js', () => script);
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGUMENTS });
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
