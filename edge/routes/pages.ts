/**
 * The web pages and what they load, from the static assets (scripts/worker/build-pages.ts makes them).
 * @module
 */
import type { Handler } from 'hono';
import { HebbError } from '../../shared/model/errors.ts';
import type { AppContext, AppEnv } from '../http/context.ts';
import { home } from './home.ts';

/** What is used of the static assets binding. */
export interface PageFiles {
  fetch(url: string, init?: { readonly headers: Record<string, string> }): Promise<Response>;
}

/** Only what comes from here, no inline script or style, no frames. The engine compiles WebAssembly. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  'media-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ALLOWED = 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()';

/** What is built with its digest in the name, `index-4KQ2ABCD.js`: never changes. */
const DIGESTED = /-[0-9A-Z]{8}\.\w+$/;
const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, but asked for by its ETag each time. */
const ASK = 'no-cache';

/** `GET /`: the page for browsers; how to use this service for everyone else. */
export function homePage(files: PageFiles): Handler<AppEnv> {
  const index = page(files, 'index');
  return async (c, next) => {
    c.header('Vary', 'Accept');
    const wantsPage = (c.req.header('accept') ?? '').includes('text/html');
    return wantsPage ? await index(c, next) : await home(c, next);
  };
}

/** `GET /NAME`: the page of that name. */
export function page(files: PageFiles, name: string): Handler<AppEnv> {
  return async (c) => {
    c.header('Permissions-Policy', ALLOWED);
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    return await answer(c, files, `${name}.html`, ASK);
  };
}

/** `GET /assets/…`: scripts, styles, kernels, pictures. */
export function pageAsset(files: PageFiles): Handler<AppEnv> {
  return async (c) => {
    const { path } = c.req;
    return await answer(c, files, path.slice(1), DIGESTED.test(path) ? FOREVER : ASK);
  };
}

async function answer(c: AppContext, files: PageFiles, file: string, caching: string) {
  const etag = c.req.header('if-none-match');
  const headers = { ...(etag !== undefined && { 'If-None-Match': etag }) };
  // Only the path counts for the binding.
  const found = await files.fetch(`https://assets.invalid/pages/${file}`, { headers });
  if (!found.ok && found.status !== 304) {
    await found.body?.cancel();
    throw new HebbError('not_found', `There is nothing at ${c.req.path}.`);
  }
  c.header('Content-Security-Policy', POLICY);
  c.header('Cache-Control', caching);
  for (const name of ['Content-Type', 'ETag']) {
    const value = found.headers.get(name);
    if (value !== null) c.header(name, value);
  }
  return found.status === 304 ? c.body(null, 304) : c.body(found.body ?? '');
}
