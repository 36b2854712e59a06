/**
 * The web pages and their files, from the static assets that edge/local/build-pages.ts makes.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import type { Home } from '@hebb/protocol/api/service';
import type { Handler } from 'hono';
import type { AppContext, AppEnv } from '../http/context.ts';
import type { PathDescription } from '../openapi/description.ts';
import { ROUTES } from '../openapi/routes.ts';

/** The part of the static assets binding that is used. */
export interface PageFiles {
  fetch(url: string, init?: { readonly headers: Record<string, string> }): Promise<Response>;
}

/** Only this origin, no inline script or style, no frames. The engine compiles WebAssembly. */
const PAGE_POLICY = [
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

const PERMISSIONS = 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()';

/** Names with a digest, `index-4KQ2ABCD.js`: their files never change. */
const DIGESTED = /-[0-9A-Z]{8}\.\w+$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** `GET /`: the page for browsers; for other clients, how to use this service, as JSON. */
export function homePage(files: PageFiles): Handler<AppEnv> {
  const index = page(files, 'index');
  return async (c, next) => {
    c.header('Vary', 'Accept');
    const wantsPage = (c.req.header('accept') ?? '').includes('text/html');
    return wantsPage ? await index(c, next) : await home(c, next);
  };
}

const PATHS = Object.entries<PathDescription>(ROUTES).flatMap(([path, { methods, scope }]) =>
  Object.entries(methods)
    .filter(([, { tag }]) => tag !== 'Pages' && scope !== 'admin')
    .map(([method]) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
);

const home: Handler<AppEnv> = (c) => {
  const origin = new URL(c.req.url).origin;
  const answer: Home = {
    name: 'hebb',
    description: 'Image classification at the edge.',
    classify: `curl --data-binary @photo.jpg ${origin}/v1/classify`,
    docs: `${origin}/docs`,
    openapi: `${origin}/openapi.json`,
    paths: PATHS,
  };
  return c.json(answer);
};

/** `GET /NAME`: the page of that name. */
export function page(files: PageFiles, name: string): Handler<AppEnv> {
  return async (c) => {
    c.header('Permissions-Policy', PERMISSIONS);
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    return await answer(c, files, `${name}.html`, REVALIDATE);
  };
}

/** `GET /assets/…`: scripts, styles, kernels, pictures. */
export function pageAsset(files: PageFiles): Handler<AppEnv> {
  return async (c) => {
    const { path } = c.req;
    return await answer(c, files, path.slice(1), DIGESTED.test(path) ? IMMUTABLE : REVALIDATE);
  };
}

async function answer(c: AppContext, files: PageFiles, file: string, caching: string) {
  const etag = c.req.header('if-none-match');
  const headers = { ...(etag !== undefined && { 'If-None-Match': etag }) };
  // The binding looks at the path alone.
  const found = await files.fetch(`https://assets.invalid/pages/${file}`, { headers });
  if (!found.ok && found.status !== 304) {
    await found.body?.cancel();
    throw new HebbError('not_found', `There is nothing at ${c.req.path}.`);
  }
  c.header('Content-Security-Policy', PAGE_POLICY);
  c.header('Cache-Control', caching);
  for (const name of ['Content-Type', 'ETag']) {
    const value = found.headers.get(name);
    if (value !== null) c.header(name, value);
  }
  return found.status === 304 ? c.body(null, 304) : c.body(found.body ?? '');
}
