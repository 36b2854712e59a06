/**
 * Limits requests per caller by the Workers' rate limiting binding: a counter per Cloudflare location,
 * cached on the machine, so a check costs no I/O. The limits are in wrangler.toml.
 * @module
 */
import { HebbError } from '@hebb/model/errors';

/** The part of the binding that is used. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Counts one request of `caller`. Throws `rate_limited` above the limit. */
export async function countRequest(
  limiter: RateLimiter | undefined,
  caller: string,
): Promise<void> {
  if (!limiter || (await limiter.limit({ key: caller })).success) return;
  throw new HebbError('rate_limited', 'This caller has sent too many requests.');
}

/** Characters of the longest address: IPv6 with an IPv4 address in it. */
const LONGEST_ADDRESS = 45;

/** The caller's address; of IPv6 its /64 network, which is what one customer gets. */
export function callerAddress(headers: Headers): string {
  const header = headers.get('cf-connecting-ip') ?? 'unknown';
  // Cloudflare sets it; elsewhere it may be any text, and the limiter keeps what it counts by.
  const address = header.length <= LONGEST_ADDRESS ? header : 'unknown';
  const groups = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  return groups === undefined ? address : network64(groups);
}

/** The first four groups of an IPv6 address in the notation of URL. */
function network64(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':');
}
