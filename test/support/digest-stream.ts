/**
 * workerd's incremental digest, implemented with Node's, for Worker code that a test runs in Node.
 * @module
 */
import { createHash } from 'node:crypto';

class NodeDigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>;

  constructor(algorithm: string) {
    const hash = createHash(algorithm.replace('-', '').toLowerCase());
    const { promise, resolve } = Promise.withResolvers<ArrayBuffer>();
    super({
      write: (chunk) => void hash.update(chunk),
      close: () => resolve(new Uint8Array(hash.digest()).buffer),
    });
    this.digest = promise;
  }
}

/** Installs it as the global that workerd has. */
export function provideDigestStream(): void {
  Object.assign(crypto, { DigestStream: NodeDigestStream });
}
