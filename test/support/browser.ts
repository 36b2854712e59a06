/**
 * Headless Chromium: the machine's own, else the one that comes in an npm package, so that there
 * always is one.
 * @module
 */
import { existsSync } from 'node:fs';
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
 * Path of the machine's Chromium: CHROMIUM_PATH, else the first of the usual places where there is one.
 * CHROMIUM_PATH=packaged hides it.
 */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  if (env.CHROMIUM_PATH === 'packaged') return undefined;
  return env.CHROMIUM_PATH ?? COMMON_PATHS.find((path) => existsSync(path));
}

/** Starts a browser; whoever starts it closes it. @param more arguments of its command line */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const args = [...BROWSER_ARGUMENTS, ...more];
  const executablePath = findChromium(process.env);
  if (executablePath !== undefined) return await chromium.launch({ executablePath, args });
  const { env, ...packaged } = await packagedChromium();
  return await chromium.launch({ ...packaged, args, env: { ...process.env, ...env } });
}
