/**
 * A Worker that only fetches images from URLs, for fetch-image.test.ts. At /raw it checks nothing.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { AllowList } from '@hebb/worker/urls/allow-list';
import { imageFetcher } from '@hebb/worker/urls/fetch-image';
import { dnsOverHttps } from '@hebb/worker/urls/resolve';

export interface Task {
  readonly url: string;
  /** HEBB_URL_ALLOW. */
  readonly allow: string;
  readonly limits: { readonly bytes: number; readonly timeoutMs: number };
  /** Aborts after this many ms. */
  readonly abortAfterMs?: number;
  /** URL of the DNS resolver. */
  readonly dns?: string;
}

export default {
  async fetch(request: Request, env: { readonly WEB: { fetch: typeof fetch } }) {
    if (new URL(request.url).pathname === '/raw') return await env.WEB.fetch(await request.text());
    const { url, allow, limits, dns, abortAfterMs } = (await request.json()) as Task;
    const web: typeof fetch = (input, init) => env.WEB.fetch(input, init);
    const fetchImage = imageFetcher({
      allow: new AllowList(allow),
      limits,
      fetch: web,
      ...(dns && { resolve: dnsOverHttps(dns, web) }),
    });
    const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs);
    try {
      const image = await fetchImage(url, { ...(signal && { signal }) });
      return new Response(image, { headers: { 'X-Buffer': String(image.buffer.byteLength) } });
    } catch (error) {
      if (error instanceof HebbError)
        return Response.json(error.toBody(), { status: error.status });
      return Response.json({ error: { code: (error as Error).name } }, { status: 500 });
    }
  },
};
