/**
 * The hosts that images may be fetched from, HEBB_URL_ALLOW: names separated by commas.
 *
 *     images.example.com        that host
 *     *.example.com             every subdomain, not the host itself
 *     images.example.com:8443   that port; 443 without one
 *     *                         every public host
 *
 * @module
 */
const HTTPS_PORT = '443';

interface Entry {
  /** `*` for every host. */
  readonly host: string;
  readonly subdomains: boolean;
  readonly port: string;
}

export class AllowList {
  readonly #entries: readonly Entry[];

  constructor(list = '') {
    this.#entries = list.split(',').flatMap((text) => parseEntry(text.trim()) ?? []);
  }

  /** Whether any host is allowed. */
  get isOn(): boolean {
    return this.#entries.length > 0;
  }

  allows({ hostname, port }: URL): boolean {
    const at = port || HTTPS_PORT;
    return this.#entries.some((entry) => entry.port === at && matches(entry, hostname));
  }
}

const matches = ({ host, subdomains }: Entry, hostname: string): boolean =>
  host === '*' || (subdomains ? hostname.endsWith(`.${host}`) : hostname === host);

/** Undefined for text that is not a host. */
function parseEntry(text: string): Entry | undefined {
  if (text === '*') return { host: '*', subdomains: false, port: HTTPS_PORT };
  const subdomains = text.startsWith('*.');
  const url = URL.parse(`https://${subdomains ? text.slice(2) : text}`);
  const bare = url && url.pathname === '/' && !url.search && !url.username && !text.includes('/');
  return bare ? { host: url.hostname, subdomains, port: url.port || HTTPS_PORT } : undefined;
}
