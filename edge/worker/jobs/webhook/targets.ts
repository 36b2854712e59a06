/**
 * Where webhooks may be sent, HEBB_WEBHOOK_ALLOW: origins separated by commas; none without it.
 *
 *     https://hooks.example.com      that host, on port 443
 *     https://*.example.com:8443     every subdomain, on that port
 *     http://localhost:9000          this machine, the only host that may lack https
 *
 * The operator lists them, so hosts of a private network are allowed.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { isLoopback } from '@hebb/protocol/access/loopback';

const MAX_CHARACTERS = 2048;

export class WebhookTargets {
  readonly #origins: readonly string[];

  constructor(list = '') {
    this.#origins = list.split(',').map((text) => text.trim().toLowerCase());
  }

  /** The URL, if webhooks may be sent to it. Throws `webhook_refused`. */
  check(text: string): URL {
    const url = text.length <= MAX_CHARACTERS ? URL.parse(text) : null;
    if (!url) throw refused('it is not a valid URL');
    const encrypted = url.protocol === 'https:';
    if (!encrypted && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
      throw refused('it does not start with https:');
    }
    if (url.username || url.password) throw refused('it contains a user name');
    if (this.#origins.some((origin) => matches(origin, url))) return url;
    throw refused(`${url.origin} is not listed in HEBB_WEBHOOK_ALLOW`);
  }
}

/** `https://*.example.com` matches every subdomain; anything else matches itself. */
function matches(origin: string, url: URL): boolean {
  const below = /^(https?:\/\/)\*\.(.+)$/.exec(origin);
  if (!below) return URL.parse(origin)?.origin === url.origin;
  const [, scheme, rest] = below;
  const parent = URL.parse(`${scheme}${rest}`);
  return (
    parent !== null &&
    parent.protocol === url.protocol &&
    parent.port === url.port &&
    url.hostname.endsWith(`.${parent.hostname}`)
  );
}

const refused = (why: string) =>
  new HebbError('webhook_refused', `Webhooks cannot be sent to this URL: ${why.slice(0, 300)}.`);
