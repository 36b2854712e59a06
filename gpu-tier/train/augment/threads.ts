/**
 * Worker threads that take jobs in the order of their requests.
 * @module
 */
import { Worker } from 'node:worker_threads';
import { HebbError } from '@hebb/model/errors';
import type { Job, JobResult, WorkerSettings } from './sample.ts';
import type { Answer } from './worker.ts';

interface Task {
  readonly job: Omit<Job, 'id'>;
  /** Aborted when the caller no longer needs the result. */
  readonly signal: AbortSignal;
  readonly resolve: (result: JobResult | undefined) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** The current job; one at a time keeps the order of the queue. */
  busy: { readonly id: number; readonly task: Task } | undefined;
}

export class Threads {
  readonly #threads: Thread[];
  readonly #queue: Task[] = [];
  #nextId = 0;
  #closed: HebbError | undefined;

  constructor(count: number, settings: WorkerSettings) {
    this.#threads = Array.from({ length: count }, () => this.#start(settings));
  }

  /** @returns undefined when `signal` was aborted before a thread took the job */
  run(job: Omit<Job, 'id'>, signal: AbortSignal): Promise<JobResult | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      this.#queue.push({ job, signal, resolve, reject });
      this.#feed();
    });
  }

  async close(): Promise<void> {
    this.#end(new HebbError('shutting_down', 'The input pipeline was closed.'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(settings: WorkerSettings): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings });
    const thread: Thread = { worker, busy: undefined };
    worker.unref(); // an idle pipeline does not keep the process alive
    worker.on('message', (answer: Answer) => this.#settle(thread, answer));
    worker.on('error', (cause: Error) => {
      this.#end(new HebbError('internal', `A decoding thread failed: ${cause.message}`, { cause }));
    });
    worker.on('exit', () => this.#end(new HebbError('internal', 'A decoding thread ended.')));
    return thread;
  }

  #feed(): void {
    for (const thread of this.#threads) {
      if (thread.busy) continue;
      const task = this.#nextWanted();
      if (!task) return;
      const id = this.#nextId++;
      thread.busy = { id, task };
      thread.worker.ref();
      thread.worker.postMessage({ ...task.job, id } satisfies Job);
    }
  }

  #nextWanted(): Task | undefined {
    for (;;) {
      const task = this.#queue.shift();
      if (!task?.signal.aborted) return task;
      task.resolve(undefined);
    }
  }

  #settle(thread: Thread, answer: Answer): void {
    if (thread.busy?.id !== answer.id) return;
    const { task } = thread.busy;
    thread.busy = undefined;
    thread.worker.unref();
    if ('result' in answer) task.resolve(answer.result);
    else {
      const { code, message, hint } = answer.fault;
      task.reject(new HebbError(code, message, { hint }));
    }
    this.#feed();
  }

  /** Rejects all tasks, now and later. The first reason counts. */
  #end(reason: HebbError): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const task of this.#queue.splice(0)) task.reject(reason);
    for (const thread of this.#threads ?? []) {
      thread.busy?.task.reject(reason);
      thread.busy = undefined;
      thread.worker.unref();
    }
  }
}
