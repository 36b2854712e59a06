/**
 * A self-signed certificate of a host: X.509 (RFC 5280) in DER, since Node has no function for it and not every
 * machine has a command.
 * @module
 */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** Both as PEM. */
  readonly key: string;
  readonly cert: string;
}

/** Valid for these host names (or `*.example.com`), ten years around now. */
export function selfSigned(hosts: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const name = sequence(set(sequence(oid('550403'), tag(0x0c, Buffer.from('hebb test')))));
  const year = new Date().getUTCFullYear();
  const validity = sequence(date(year - 1), date(year + 9));
  const names = sequence(...hosts.map((host) => tag(0x82, Buffer.from(host))));
  const critical = tag(0x01, Buffer.from([0xff]));
  const extensions = sequence(
    sequence(oid('551d11'), tag(0x04, names)), // subjectAltName
    sequence(oid('551d13'), critical, tag(0x04, sequence(critical))), // basicConstraints: a CA
  );
  const content = sequence(
    tag(0xa0, integer(2)), // version 3
    integer(1),
    ...[algorithm, name, validity, name],
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, extensions),
  );
  const signature = sign('sha256', content, privateKey);
  const bits = tag(0x03, Buffer.concat([Buffer.from([0]), signature]));
  const der = sequence(content, algorithm, bits);
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** Tag, length, content. */
function tag(kind: number, content: Buffer): Buffer {
  const { length } = content;
  // DER requires the shortest form, and workerd checks it.
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([kind, ...(length < 128 ? [length] : long)]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => tag(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => tag(0x31, Buffer.concat(parts));
const oid = (hex: string): Buffer => tag(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => tag(0x02, Buffer.from([value]));
const date = (year: number): Buffer => tag(0x18, Buffer.from(`${year}0101000000Z`));
