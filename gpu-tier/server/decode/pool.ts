import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { type ErrorBody, HebbError, type Preprocessing } from '../../../shared/model/index.ts';
import '../../decode/formats.ts';
import type { Decode } from '../../protocol/images.ts';
import { ignoreLateAnswers } from '../../threads/late-answers.ts';

export interface DecodeTask {
  readonly bytes: Uint8Array;
  readonly preprocessing: Pick<Preprocessing, 'resize' | 'crop'>;
}

export type DecodeReply = { readonly pixels: Uint8Array } | { readonly error: ErrorBody['error'] };

export interface DecodePool {
  readonly decode: Decode;
  close(): Promise<void>;
}

/** Images that may wait for a thread; each holds its encoded bytes only. */
const LONGEST_LINE = 1024;

/** Threads that decode images. They start with the first image and end when idle for a while. */
export function createDecodePool(threads: number): DecodePool {
  const threadPool = new Piscina<DecodeTask, DecodeReply>({
    filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    minThreads: 0,
    maxThreads: threads,
    maxQueue: LONGEST_LINE,
    idleTimeout: 60_000,
  });
  const pool = ignoreLateAnswers(threadPool); // a client who goes away ends the thread that decodes
  return {
    async decode(bytes, { resize, crop }, signal) {
      if (pool.queueSize >= LONGEST_LINE) {
        throw new HebbError('overloaded', `${LONGEST_LINE} images are waiting to be decoded.`);
      }
      const task = { bytes, preprocessing: { resize, crop } };
      const reply = await pool.run(task, signal ? { signal } : {});
      if ('pixels' in reply) return reply.pixels;
      const { code, message, hint } = reply.error;
      throw new HebbError(code, message, { hint });
    },
    close: () => pool.destroy(),
  };
}
