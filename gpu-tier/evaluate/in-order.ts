/**
 * Runs `work` on every item, at most `limit` at a time, and gives the results in the items' order.
 * The first failure ends it; what is still running is not waited for.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // It is awaited below, in its turn; until then a failure is not unhandled.
    result.catch(() => {});
    running.push(result);
    if (running.length >= limit) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
