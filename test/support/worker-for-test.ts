import { onTestFinished } from 'vitest';
import { startWorker, type TestWorker, type TestWorkerOptions } from './worker.ts';

/** A Worker for one test alone, which has nothing of another one in its memory or its stores. */
export async function workerForTest(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const worker = await startWorker(options);
  onTestFinished(() => worker.close());
  return worker;
}
