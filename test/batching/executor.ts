import type { HebbError } from '@hebb/model';
import type { Executor } from '@hebb/serve/batching/batcher';
import type { HostBatch } from '@hebb/serve/host/process';
import type { TestClock } from './fake-clock.ts';

/** An executor whose batches take `msPerBatch + msPerImage · size` of the test's clock. */
export interface TestExecutor extends Executor {
  /** The batches so far: how many images, computed as how many, from which bytes. */
  readonly batches: { images: number; size: number; bytes: number[] }[];
  /** The next batch fails with this. */
  failNext(error: unknown): void;
  /** No batch can be computed until `up`. */
  down(error: HebbError): void;
  up(): void;
}

export interface ExecutorCost {
  readonly msPerBatch?: number;
  readonly msPerImage?: number;
}

/** Its "probabilities" of an image are that image's bytes, so that every answer names its image. */
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
