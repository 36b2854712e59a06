/**
 * Headless Chromium, which comes in an npm package, so that there always is one.
 * @module
 */
import { existsSync } from 'node:fs';
import { arch, platform } from 'node:process';
import { type Browser, chromium } from 'playwright-core';
import { packagedChromium } from './packaged-chromium.ts';

/** Where Linux and macOS put Chromium and Chrome. */
const COMMON_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const BROWSER_ARGUMENTS = [
  '--headless',
  '--no-sandbox', // the only pages it ever sees are ours; containers have no user namespaces
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A camera that shows a moving test picture, and is never asked for. */
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Chromium's path: CHROMIUM_PATH, else the first of the usual places where there is one. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  return env.CHROMIUM_PATH ?? COMMON_PATHS.find((path) => existsSync(path));
}

/**
 * Starts a browser; whoever starts it closes it. CHROMIUM_PATH, else the one of the npm package where
 * that runs, so that tests see the same browser everywhere (and it is quicker to start), else the
 * machine's.
 * @param more arguments of its command line
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const args = [...BROWSER_ARGUMENTS, ...more];
  if (process.env.CHROMIUM_PATH === undefined && `${platform}-${arch}` === 'linux-x64') {
    const { env, ...packaged } = await packagedChromium();
    return await chromium.launch({ ...packaged, args, env: { ...process.env, ...env } });
  }
  const executablePath = findChromium(process.env);
  if (executablePath !== undefined) return await chromium.launch({ executablePath, args });
  throw new Error('There is no Chromium here: install one, or name one in CHROMIUM_PATH.');
}
