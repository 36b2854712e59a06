import { HebbError } from '@hebb/model/errors';
import type { FileDigest } from '@hebb/model/package/manifest';
import type { Chunks } from './files.ts';

/**
 * Passes a file's chunks on and throws `invalid_package` at the end unless size and sha256 match. The
 * consumer must then discard what it has made of them.
 */
export async function* verified(chunks: Chunks, digest: FileDigest, what: string): Chunks {
  // Cloudflare's incremental digest; WebCrypto has none.
  const hash = new crypto.DigestStream('SHA-256');
  const writer = hash.getWriter();
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > digest.bytes) throw wrong(what, 'is longer');
    await writer.write(chunk);
    yield chunk;
  }
  await writer.close();
  if (bytes !== digest.bytes) throw wrong(what, 'is shorter');
  if (hex(await hash.digest) !== digest.sha256) throw wrong(what, 'has another sha256');
}

/** The whole file in one buffer, checked. */
export async function readVerified(chunks: Chunks, digest: FileDigest, what: string) {
  const file = new Uint8Array(digest.bytes);
  let at = 0;
  for await (const chunk of verified(chunks, digest, what)) {
    file.set(chunk, at);
    at += chunk.byteLength;
  }
  return file;
}

const wrong = (what: string, how: string) =>
  new HebbError('invalid_package', `${what} ${how} than its manifest says.`);

const hex = (digest: ArrayBuffer): string =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
