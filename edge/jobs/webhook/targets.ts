/**
 * Where webhooks may go, HEBB_WEBHOOK_ALLOW: origins with commas between. Without it there are none.
 *
 *     https://hooks.example.com      that host, on port 443
 *     https://*.example.com:8443     every host below it, on that port
 *     http://localhost:9000          this machine, the only one without https
 *
 * Whoever runs the Worker lists them, so they may well be hosts of a private network.
 * @module
 */

import { isLoopback } from '../../../shared/model/access/loopback.ts';
import { HebbError } from '../../../shared/model/errors.ts';

const MAX_CHARACTERS = 2048;

export class WebhookTargets {
  readonly #origins: readonly string[];

  constructor(list = '') {
    this.#origins = list.split(',').map((text) => text.trim().toLowerCase());
  }

  /** The URL, if webhooks may go there. Throws `webhook_refused`. */
  check(text: string): URL {
    const url = text.length <= MAX_CHARACTERS ? URL.parse(text) : null;
    if (!url) throw refused('it is no URL');
    const encrypted = url.protocol === 'https:';
    if (!encrypted && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
      throw refused('it does not begin with https:');
    }
    if (url.username || url.password) throw refused('it holds a user name');
    if (this.#origins.some((origin) => fits(origin, url))) return url;
    throw refused(`${url.origin} is not listed in HEBB_WEBHOOK_ALLOW`);
  }
}

/** `https://*.example.com` fits every host below; anything else fits itself. */
function fits(origin: string, url: URL): boolean {
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
  new HebbError('webhook_refused', `No webhook goes there: ${why.slice(0, 300)}.`);
