/**
 * The GPU tier's own throughput: the same images, in the same signed requests, from Node.
 * @module
 */

import type { Manifest } from '@hebb/model';
import { ask, digestOf, type Question } from '@hebb/worker/gpu/attempt';
import { makeChunk } from '@hebb/worker/gpu/chunk';

const TIMEOUT_MS = 120_000;

export interface Direct {
  /** All images, in chunks, so many at a time: ms. */
  all(images: readonly Uint8Array<ArrayBuffer>[]): Promise<number>;
}

export function directClient(
  { url, secret, manifest }: { url: string; secret: string; manifest: Manifest },
  { chunk, atOnce }: { chunk: number; atOnce: number },
): Direct {
  const hop = { url: url.replace(/\/$/, ''), fetch, secret };
  const { name, version, labels, network } = manifest;
  const send = async (images: readonly Uint8Array<ArrayBuffer>[]) => {
    const question: Question = {
      model: name,
      version,
      images: images.length,
      classes: labels.length,
      chunk: makeChunk('encoded', images, network.inputSize),
      requestId: 'bench',
      decodeMs: 0,
    };
    const signal = new AbortController().signal;
    await ask(hop, question, { digest: await digestOf(question), timeoutMs: TIMEOUT_MS, signal });
  };
  return {
    async all(images) {
      const began = performance.now();
      let next = 0;
      const loop = async () => {
        while (next < images.length) {
          const from = next;
          next += chunk;
          await send(images.slice(from, from + chunk));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, loop));
      return performance.now() - began;
    },
  };
}
