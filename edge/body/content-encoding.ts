import { HebbError } from '../../shared/model/errors.ts';
import type { Compression } from './inflate.ts';

/** By the names of RFC 9110, 8.4.1. */
const KNOWN: Readonly<Record<string, Compression>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** How the body is compressed; undefined when it is not. Throws `unsupported_format`. */
export function contentEncoding(headers: Headers): Compression | undefined {
  const name = (headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return undefined;
  const known = KNOWN[name];
  if (known) return known;
  throw new HebbError(
    'unsupported_format',
    `Content-Encoding is "${name.slice(0, 100)}"; gzip and deflate are unpacked here.`,
    { hint: 'Send the image as it is, without Content-Encoding: images hardly shrink.' },
  );
}
