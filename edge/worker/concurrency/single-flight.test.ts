import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.ts';

describe('SingleFlight', () => {
  it('runs the work once for concurrent callers, and keeps it alive', async () => {
    const flight = new SingleFlight<number>('the test', 10_000);
    const kept: Promise<unknown>[] = [];
    let runs = 0;
    const work = async () => ++runs;
    const ask = () => flight.run(work, (promise) => kept.push(promise));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    expect(kept).toHaveLength(1);
    expect(await ask()).toBe(2);
  });

  it('fails all callers, and lets the next one try again', async () => {
    const flight = new SingleFlight<string>('the test', 10_000);
    const failing = () =>
      flight.run(
        () => Promise.reject(new Error('broken')),
        () => {},
      );
    const results = await Promise.allSettled([failing(), failing()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(
      await flight.run(
        async () => 'works',
        () => {},
      ),
    ).toBe('works');
  });

  it('has a timeout for work whose request has ended', async () => {
    const flight = new SingleFlight<string>('the model', 20);
    const lost = flight.run(
      () => new Promise(() => {}),
      () => {},
    );
    await expect(lost).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(
      await flight.run(
        async () => 'works',
        () => {},
      ),
    ).toBe('works');
  });
});
