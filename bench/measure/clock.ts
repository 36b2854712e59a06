/**
 * Milliseconds of each of `runs` calls, one after the other, by `performance.now()`. On a page that is not
 * cross-origin isolated the resolution of that clock is 0.1 ms.
 */
export async function timeEach(runs: number, run: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const result = run();
    // A synchronous run must not include a turn of the event loop.
    if (result instanceof Promise) await result;
    times.push(performance.now() - start);
  }
  return times;
}
