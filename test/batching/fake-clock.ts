import type { Clock } from '@hebb/serve/batching/clock';

/** A clock that a test advances. */
export interface TestClock extends Clock {
  /** Advances by `ms`, runs the due timers in order, and lets promises settle. */
  advance(ms: number): Promise<void>;
}

export function createTestClock(): TestClock {
  let time = 0;
  let timers: { at: number; action: () => void }[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => time,
    after(ms, action) {
      const timer = { at: time + ms, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        time = Math.max(time, next.at);
        next.action();
        await settle();
      }
      time = until;
    },
  };
}
