/**
 * The Web Worker that runs the engine: receives calls, sends results, progress and errors.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { FromEngine, ToEngine } from './calls.ts';
import { Service } from './service.ts';

/** The parts used of a Web Worker's global scope; TypeScript's DOM library only knows a page's. */
interface WorkerScope {
  postMessage(message: FromEngine): void;
  addEventListener(type: 'message', listen: (event: MessageEvent<ToEngine>) => void): void;
}
const scope = globalThis as unknown as WorkerScope;

const running = new Map<number, AbortController>();
let service: Service | undefined;

scope.addEventListener('message', ({ data }) => {
  if ('key' in data) service = new Service(data.key);
  else if ('cancel' in data) running.get(data.id)?.abort();
  else void answer(data.id, data.call, data.args);
});

async function answer(id: number, call: string, args: readonly unknown[]): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const calls = service!.calls({
      signal: controller.signal,
      onProgress: (done, total) => scope.postMessage({ id, done, total }),
    });
    const method = calls[call as keyof typeof calls] as (...args: unknown[]) => Promise<unknown>;
    const result = await method(...args);
    scope.postMessage({ id, result });
  } catch (error) {
    scope.postMessage({ id, error: bodyOf(error) });
  } finally {
    running.delete(id);
  }
}

function bodyOf(error: unknown) {
  const known =
    error instanceof HebbError
      ? error
      : new HebbError('internal', `The engine in this page failed: ${error}`, {
          hint: 'Reload the page, or use the edge.',
        });
  return known.toBody().error;
}
