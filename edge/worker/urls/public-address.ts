/**
 * Whether an address is on the public internet: by IANA's registries of special-purpose addresses (RFC
 * 6890, as of 2025). Addresses are normalised by URL, which knows all notations: `0x7f.1`, `2130706433`
 * and `017700000001` become 127.0.0.1.
 * @module
 */

/** First address and prefix length. */
type Block = readonly [address: string, bits: number];

const NOT_PUBLIC: readonly Block[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carriers' NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and where clouds keep their metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocols
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

/** Of IPv6 only 2000::/3 is allocated; loopback, private and mapped IPv4 addresses lie outside. */
const GLOBAL_UNICAST: Block = ['2000::', 3];

const NOT_PUBLIC_6: readonly Block[] = [
  ['2001::', 23], // protocols; Teredo, which wraps an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which wraps an IPv4 address
  ['3fff::', 20], // documentation
];

/** Whether a host, as normalised by URL, is an address: `[…]` is IPv6, four numbers are IPv4. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || /^\d+(\.\d+){3}$/.test(host);
}

/** @param address `93.184.215.14`, `2606:4700::1` or `[2606:4700::1]` */
export function isPublicAddress(address: string): boolean {
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  const normal = URL.parse(`http://${host}`)?.hostname;
  if (normal === undefined || !isAddress(normal)) return false;
  if (!normal.startsWith('[')) return !NOT_PUBLIC.some((block) => within(bits4(normal), block, 32));
  const bits = bits6(normal.slice(1, -1));
  return (
    within(bits, GLOBAL_UNICAST, 128) && !NOT_PUBLIC_6.some((block) => within(bits, block, 128))
  );
}

function within(address: bigint, [first, length]: Block, width: 32 | 128): boolean {
  const shift = BigInt(width - length);
  const start = width === 32 ? bits4(first) : bits6(first);
  return address >> shift === start >> shift;
}

const bits4 = (address: string): bigint =>
  address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);

/** Of an address normalised by URL: hexadecimal groups, at most one `::`, no dots. */
function bits6(address: string): bigint {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const groups = address.includes('::') ? [...left, ...zeros, ...right] : left;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
