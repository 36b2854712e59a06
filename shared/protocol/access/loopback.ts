/**
 * Whether a request comes from this machine. `npm start` sets HEBB_ACCESS=loopback only if it
 * listens on a loopback address, which keeps other machines out. The checks here recognise requests from
 * outside that reach a loopback address anyway:
 *
 *     a page whose name was rebound to 127.0.0.1    Host is that name
 *     a page elsewhere that calls localhost         Origin is that page's
 *     a reverse proxy or a tunnel on this machine   its forwarding headers, which most proxies send
 *     a Worker deployed with this setting           CF-Connecting-IP, which Cloudflare sets itself
 *
 * @module
 */

/** Headers that proxies add. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via', 'cf-ray', 'cdn-loop'];

export function isFromThisMachine({ url, headers }: Request): boolean {
  if (FORWARDED.some((name) => headers.has(name))) return false;
  const client = headers.get('cf-connecting-ip');
  if (client !== null && !isLoopback(client)) return false;
  const host = URL.parse(`http://${headers.get('host') ?? 'nowhere.invalid'}`)?.hostname;
  return host !== undefined && isLoopback(host) && isLoopback(new URL(url).hostname);
}

/** Whether an origin (`http://localhost:5173`) is on this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const host = URL.parse(origin)?.hostname;
  return host !== undefined && isLoopback(host);
}

/** @param host a host name as in URL, or an address */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host) ||
    host === '[::1]' ||
    host === '::1'
  );
}
