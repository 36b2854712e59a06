/**
 * Authenticates to a proxy in front of the GPU tier: by a client certificate, a service token of Cloudflare
 * Access, or both. Requests are signed in any case.
 * @module
 */

export interface GpuFetchSettings {
  /** A binding of `mtls_certificates`, which fetches with that certificate. */
  readonly GPU?: { fetch: typeof fetch };
  /** A service token of Cloudflare Access; secrets, not variables. */
  readonly HEBB_GPU_TOKEN_ID?: string;
  readonly HEBB_GPU_TOKEN_SECRET?: string;
}

/** Takes the URL as a string. Never follows redirects, which could leak the token. */
export function gpuFetch(settings: GpuFetchSettings): typeof fetch {
  const { GPU: certified, HEBB_GPU_TOKEN_ID: id, HEBB_GPU_TOKEN_SECRET: secret } = settings;
  const token: Record<string, string> =
    id && secret ? { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret } : {};
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(token)) headers.set(name, value);
    const whole = { ...init, headers, redirect: 'manual' } as const;
    return certified ? await certified.fetch(input, whole) : await fetch(input, whole);
  };
}
