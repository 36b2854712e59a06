/**
 * Headless Chromium, by default from an npm package.
 * @module
 */
import { existsSync } from 'node:fs';
import { arch, platform } from 'node:process';
import { type Browser, chromium } from 'playwright-core';
import { packagedChromium } from './packaged-chromium.ts';

/** Usual paths of Chromium and Chrome on Linux and macOS. */
const COMMON_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const BROWSER_ARGUMENTS = [
  '--headless',
  '--no-sandbox', // containers have no user namespaces, and all pages are ours
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A fake camera with a moving test picture, and without a permission prompt. */
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * Starts a browser, which the caller closes: the one of CHROMIUM_PATH, else the npm package's where it runs (the same
 * browser on all machines, and it starts faster), else the machine's.
 * @param more additional command line arguments
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const browser = await browserIfAny(more);
  if (browser) return browser;
  throw new Error('There is no Chromium: install it, or set CHROMIUM_PATH.');
}

/** Starts a browser, or returns undefined if there is none. */
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
