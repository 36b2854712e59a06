/**
 * How the GPU tier is reached where something stands in front of it that wants to know who comes: a
 * client certificate, a service token of Cloudflare Access, or both. Signatures are made anyway.
 * @module
 */

export interface GpuFetchSettings {
  /** A binding of `mtls_certificates`: fetches with that certificate. The network as it is without. */
  readonly GPU?: { fetch: typeof fetch };
  /** A service token of Cloudflare Access; secrets, not variables. */
  readonly HEBB_GPU_TOKEN_ID?: string;
  readonly HEBB_GPU_TOKEN_SECRET?: string;
}

/** Takes the URL as a string and never follows a redirect: the tier has none, and a token is no gift. */
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
