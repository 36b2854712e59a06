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

/**
 * Starts a browser; whoever starts it closes it. CHROMIUM_PATH, else the one of the npm package where
 * that runs, so that tests see the same browser everywhere (and it is quicker to start), else the
 * machine's.
 * @param more arguments of its command line
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const browser = await browserIfAny(more);
  if (browser) return browser;
  throw new Error('There is no Chromium here: install one, or name one in CHROMIUM_PATH.');
}

/** The same where there is one; undefined elsewhere. */
export async function browserIfAny(more: readonly string[] = []): Promise<Browser | undefined> {
  const args = [...BROWSER_ARGUMENTS, ...more];
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH === undefined && `${platform}-${arch}` === 'linux-x64') {
    const { env, ...packaged } = await packagedChromium();
    return await chromium.launch({ ...packaged, args, env: { ...process.env, ...env } });
  }
  const executablePath = CHROMIUM_PATH ?? COMMON_PATHS.find((path) => existsSync(path));
  return executablePath === undefined ? undefined : await chromium.launch({ executablePath, args });
}
