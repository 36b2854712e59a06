/**
 * The hosts that images may be fetched from, HEBB_URL_ALLOW: names with commas between.
 *
 *     images.example.com        that host
 *     *.example.com             every host below it, not itself
 *     images.example.com:8443   on that port; 443 without one
 *     *                         every public host
 *
 * @module
 */

const HTTPS_PORT = '443';

interface Entry {
  /** `*` for every host. */
  readonly host: string;
  readonly below: boolean;
  readonly port: string;
}

export class AllowList {
  readonly #entries: readonly Entry[];

  constructor(list = '') {
    this.#entries = list.split(',').flatMap((text) => parseEntry(text.trim()) ?? []);
  }

  /** Whether URLs are taken at all. */
  get isOn(): boolean {
    return this.#entries.length > 0;
  }

  allows({ hostname, port }: URL): boolean {
    const at = port || HTTPS_PORT;
    return this.#entries.some((entry) => entry.port === at && fits(entry, hostname));
  }
}

const fits = ({ host, below }: Entry, hostname: string): boolean =>
  host === '*' || (below ? hostname.endsWith(`.${host}`) : hostname === host);

/** What is no host allows nothing. */
function parseEntry(text: string): Entry | undefined {
  if (text === '*') return { host: '*', below: false, port: HTTPS_PORT };
  const below = text.startsWith('*.');
  const url = URL.parse(`https://${below ? text.slice(2) : text}`);
  const bare = url && url.pathname === '/' && !url.search && !url.username && !text.includes('/');
  return bare ? { host: url.hostname, below, port: url.port || HTTPS_PORT } : undefined;
}
