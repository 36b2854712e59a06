import { HebbError } from '../../shared/model/errors.ts';
import type { AllowList } from './allow-list.ts';
import { isAddress, isPublicAddress } from './public-address.ts';

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
