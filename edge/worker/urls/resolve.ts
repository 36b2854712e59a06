/**
 * Resolves names by DNS over HTTPS: Workers have no other resolver.
 * https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/
 * @module
 */
import { HebbError } from '@hebb/model/errors';

/** All addresses of a host name, IPv4 and IPv6. Throws `url_failed` without any. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>;

/** Numbers of the record types. Answers with a CNAME contain other types, which are ignored. */
const TYPES = { A: 1, AAAA: 28 } as const;

/** Most answers have up to 512 bytes; that of a name with a hundred addresses has 8 KB. */
const MAX_CHARACTERS = 65_536;

interface DnsAnswer {
  /** Response code: 0 for no error. */
  readonly Status?: number;
  readonly Answer?: readonly { readonly type?: number; readonly data?: string }[];
}

/** @param server `https://cloudflare-dns.com/dns-query` */
export function dnsOverHttps(server: string, fetcher: typeof fetch): Resolve {
  const ask = async (host: string, type: keyof typeof TYPES, signal: AbortSignal) => {
    const url = new URL(server);
    url.search = new URLSearchParams({ name: host, type }).toString();
    const headers = { Accept: 'application/dns-json' };
    const response = await fetcher(url.href, { headers, signal, redirect: 'manual' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_CHARACTERS) throw new Error(`${text.length} characters`);
    const { Status, Answer = [] } = JSON.parse(text) as DnsAnswer;
    if (Status !== 0) throw new Error(`response code ${Status}`);
    return Answer.flatMap((record) => (record.type === TYPES[type] ? (record.data ?? []) : []));
  };
  return async (host, signal) => {
    let addresses: string[];
    try {
      const both = await Promise.all([ask(host, 'A', signal), ask(host, 'AAAA', signal)]);
      addresses = both.flat();
    } catch (cause) {
      throw new HebbError('url_failed', `The name ${host} cannot be resolved.`, { cause });
    }
    if (addresses.length > 0) return addresses;
    throw new HebbError('url_failed', `The name ${host} has no address.`);
  };
}
