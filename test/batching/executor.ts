import type { HebbError } from '@hebb/model';
import type { Executor } from '@hebb/serve/batching/batcher';
import type { HostBatch } from '@hebb/serve/host/process';
import type { TestClock } from './fake-clock.ts';

/** An executor whose batches take `msPerBatch + msPerImage · size` milliseconds of the test's clock. */
export interface TestExecutor extends Executor {
  /** The batches so far: number of images, computed batch size, bytes. */
  readonly batches: { images: number; size: number; bytes: number[] }[];
  /** Makes the next batch fail with this error. */
  failNext(error: unknown): void;
  /** Reports an outage until `up`. */
  down(error: HebbError): void;
  up(): void;
}

export interface ExecutorCost {
  readonly msPerBatch?: number;
  readonly msPerImage?: number;
}

/** The "probabilities" of an image are its bytes, so that a test can tell whose answer it is. */
export function createTestExecutor(
  clock: TestClock,
  { msPerBatch = 10, msPerImage = 1 }: ExecutorCost = {},
): TestExecutor {
  const batches: TestExecutor['batches'] = [];
  let busy = false;
  let outage: HebbError | undefined;
  let failure: unknown;
  let events: Parameters<Executor['listen']>[0] | undefined;
  return {
    batches,
    failNext: (error) => {
      failure = error;
    },
    down(error) {
      outage = error;
      events?.down(error);
    },
    up() {
      outage = undefined;
      events?.idle();
    },
    idle: () => !busy && !outage,
    outage: () => outage,
    listen(listener) {
      events = listener;
    },
    run({ images, size, parts }: HostBatch) {
      busy = true;
      const bytes = [...Buffer.concat(parts)];
      batches.push({ images, size, bytes });
      const computeMs = msPerBatch + msPerImage * size;
      const failed = failure;
      failure = undefined;
      return new Promise((resolve, reject) => {
        clock.after(computeMs, () => {
          busy = false;
          const values = Float32Array.from(bytes);
          const outputs = { probabilities: values, logits: values, embedding: values };
          if (failed) reject(failed);
          else resolve({ outputs, computeMs });
          events?.idle();
        });
      });
    },
  };
}
