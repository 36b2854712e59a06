/**
 * Fetches an image from a caller's URL, protected against server-side request forgery: every redirect is
 * checked like the first URL.
 * @module
 */
import { type ErrorCode, HebbError } from '@hebb/model/errors';
import { announcedBytes, type BodyLimits, readResponse } from '../body/read-body.ts';
import type { AllowList } from './allow-list.ts';
import { isAddress, isPublicAddress } from './public-address.ts';
import type { Resolve } from './resolve.ts';

/** The bytes at a URL. Throws `url_refused`, `url_failed`, or the signal's reason. */
export type FetchImage = (
  url: string,
  options?: { readonly signal?: AbortSignal },
) => Promise<Uint8Array<ArrayBuffer>>;

export interface ImageFetcherOptions {
  readonly allow: AllowList;
  readonly fetch: typeof fetch;
  /**
   * Resolves names, to refuse private addresses. Left out where `fetch` itself reaches only public
   * addresses, which leaves no gap between check and connection (DNS rebinding).
   */
  readonly resolve?: Resolve;
  /** Bytes, and ms from the first DNS query to the last byte. */
  readonly limits: BodyLimits;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** `identity`, so that Content-Length is the size in memory. */
const HEADERS = { Accept: 'image/*', 'Accept-Encoding': 'identity', 'User-Agent': 'hebb' };

export function imageFetcher(options: ImageFetcherOptions): FetchImage {
  const { allow, limits } = options;
  return async (text, { signal } = {}) => {
    const first = checkUrl(text, allow);
    const timeout = AbortSignal.timeout(limits.timeoutMs);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      const response = await follow(first, options, ends);
      return await readImage(response, limits);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (timeout.aborted) throw failed(first, `it took more than ${limits.timeoutMs / 1000} s`);
      throw error instanceof HebbError ? named(error, first) : failed(first, 'no answer', error);
    }
  };
}

/** The first response that is not a redirect, if its status is 2xx. */
async function follow(first: URL, options: ImageFetcherOptions, signal: AbortSignal) {
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    await checkAddresses(url, options, signal);
    const { fetch } = options;
    const response = await fetch(url.href, { headers: HEADERS, redirect: 'manual', signal });
    if (response.ok) return response;
    response.body?.cancel().catch(() => {}); // the body is not needed
    if (!REDIRECTS.includes(response.status)) throw failed(url, `status ${response.status}`);
    const location = response.headers.get('location');
    const next = location ? URL.parse(location, url) : undefined;
    if (!next) throw failed(url, 'a redirect without a valid Location');
    url = checkUrl(next.href, options.allow);
  }
  throw failed(first, `more than ${MAX_REDIRECTS} redirects`);
}

async function checkAddresses(url: URL, { resolve }: ImageFetcherOptions, signal: AbortSignal) {
  if (!resolve || isAddress(url.hostname)) return; // checkUrl has checked addresses
  const addresses = await resolve(url.hostname, signal);
  if (addresses.every(isPublicAddress)) return;
  throw new HebbError('url_refused', `${url.hostname} is not on the public internet.`);
}

async function readImage(response: Response, limits: BodyLimits) {
  const { headers } = response;
  // Some servers encode regardless of Accept-Encoding; then Content-Length is too small.
  const encoded = !/^(identity)?$/i.test(headers.get('content-encoding') ?? '');
  const expected = encoded ? limits.bytes : announcedBytes(headers, limits);
  const image = await readResponse(response, expected, limits);
  if (image.length === 0) throw new HebbError('url_failed', 'The response is empty.');
  if (image.length === image.buffer.byteLength) return image;
  return new Uint8Array(image.buffer.transfer(image.length)); // frees the rest
}

/** Errors that are passed on as they are; others are about reading a body and do not name the URL. */
const PASSED_ON: readonly ErrorCode[] = ['url_refused', 'url_failed', 'body_too_large'];

const named = (error: HebbError, url: URL): HebbError =>
  PASSED_ON.includes(error.code) ? error : failed(url, error.message.replace(/\.$/, ''), error);

const failed = ({ host }: URL, why: string, cause?: unknown) =>
  new HebbError('url_failed', `The image could not be fetched from ${host}: ${why}.`, { cause });

/** Longer URLs are not supported everywhere. */
const MAX_CHARACTERS = 2048;

/** Names of local networks (RFC 6761, 6762, 8375, and ICANN's `internal`). */
const NOT_PUBLIC = ['localhost', 'local', 'internal', 'home.arpa'];

/**
 * The URL of an image, if it may be fetched: https, an allowed host, no name or address of a private
 * network, no user name. Does not resolve the name. Throws `url_refused`.
 */
export function checkUrl(text: string, allow: AllowList): URL {
  if (!allow.isOn) {
    throw new HebbError('url_refused', 'Images are not fetched from URLs here.', {
      hint: 'Send the image itself. The operator can allow hosts in HEBB_URL_ALLOW.',
    });
  }
  const url = text.length <= MAX_CHARACTERS ? URL.parse(text) : undefined;
  if (!url) throw refused('it is not a valid URL');
  if (url.protocol !== 'https:') throw refused(`it starts with ${url.protocol}, not https:`);
  if (url.username || url.password) throw refused('it contains a user name');
  const host = url.hostname;
  if (!allow.allows(url)) throw refused(`${url.host} is not an allowed host`);
  const name = host.replace(/\.$/, '');
  const isPublic = isAddress(host)
    ? isPublicAddress(host)
    : name.includes('.') && !NOT_PUBLIC.some((end) => name === end || name.endsWith(`.${end}`));
  if (!isPublic) throw refused(`${host} is not on the public internet`);
  url.hash = '';
  return url;
}

const refused = (why: string) =>
  new HebbError('url_refused', `The URL cannot be fetched: ${why.slice(0, 300)}.`);
