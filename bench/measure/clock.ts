/**
 * Milliseconds of each of `runs` calls, one after the other, by `performance.now()`. A page that is
 * not cross-origin isolated sees that clock in steps of 0.1 ms.
 */
export async function timeEach(runs: number, run: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const result = run();
    // A run that is done at once must not pay for a trip around the event loop.
    if (result instanceof Promise) await result;
    times.push(performance.now() - start);
  }
  return times;
}
