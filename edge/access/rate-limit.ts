/**
 * How many requests a caller may make, by the Workers' rate limiting binding: a counter per
 * Cloudflare location that lives in the machine, so asking costs no I/O. The numbers are in wrangler.toml.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';

/** What is used of the binding. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Counts one request for `who`; throws `rate_limited` when there were too many. */
export async function countRequest(limiter: RateLimiter | undefined, who: string): Promise<void> {
  if (!limiter || (await limiter.limit({ key: who })).success) return;
  throw new HebbError('rate_limited', 'Too many requests came from this caller.');
}

/** Of an IPv6 address that holds one of IPv4: characters. */
const LONGEST_ADDRESS = 45;

/** An address as a caller: IPv6 by its /64, which is what one customer gets. */
export function callerAddress(headers: Headers): string {
  const shown = headers.get('cf-connecting-ip') ?? 'unknown';
  // Cloudflare sets it; elsewhere it may be any text, and what is counted by it is kept.
  const address = shown.length <= LONGEST_ADDRESS ? shown : 'unknown';
  const groups = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  return groups === undefined ? address : network64(groups);
}

/** The first four groups of an IPv6 address, as URL writes it. */
function network64(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':');
}
