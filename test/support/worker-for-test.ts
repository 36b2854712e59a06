import { onTestFinished } from 'vitest';
import { startWorker, type TestWorker, type TestWorkerOptions } from './worker.ts';

/** A Worker for one test, with fresh memory and stores. */
export async function workerForTest(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const worker = await startWorker(options);
  onTestFinished(() => worker.close());
  return worker;
}
