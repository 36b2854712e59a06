import type { Clock } from '@hebb/serve/batching/clock';
import { followPointer } from '@hebb/serve/server/follow';
import { describe, expect, it } from 'vitest';
import type { EdgeModel } from './edge.ts';

const model = (letter: string): EdgeModel => ({ name: 'flowers', version: letter.repeat(64) });

/** A clock that the test advances to the next poll. */
function handClock() {
  let now = 0;
  let waiting: { at: number; action: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    after(ms, action) {
      waiting = { at: now + ms, action };
      return () => {
        waiting = undefined;
      };
    },
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    settle,
    isWaiting: () => waiting !== undefined,
    async tick(times = 1) {
      for (let i = 0; i < times; i++) {
        now = waiting!.at;
        waiting!.action();
        await settle();
      }
    },
  };
}

/** Follows what `state.answer` says; loading fails for the versions in `broken`. */
async function following(first: EdgeModel | undefined, broken: string[] = []) {
  const hand = handClock();
  const state = { answer: first, broken };
  const loads: string[] = [];
  const events: string[] = [];
  const follower = followPointer({
    read: async () => {
      if (!state.answer) throw new Error('no network');
      return state.answer;
    },
    load: async ({ version }) => {
      loads.push(version[0]!);
      if (state.broken.includes(version[0]!)) throw new Error('broken');
    },
    intervalMs: 1000,
    clock: hand.clock,
    log: (_, event) => events.push(event),
  });
  await hand.settle();
  return { ...hand, state, loads, events, follower };
}

describe('following a pointer', () => {
  it('loads the current model at once, and no model twice', async () => {
    const { loads, tick } = await following(model('a'));
    expect(loads).toEqual(['a']);
    await tick(5);
    expect(loads).toEqual(['a']);
  });

  it('loads a changed model when two polls agree', async () => {
    const { loads, tick, state } = await following(model('a'));
    state.answer = model('b');
    await tick();
    expect(loads).toEqual(['a']);
    await tick();
    expect(loads).toEqual(['a', 'b']);
  });

  it('loads nothing while Workers disagree', async () => {
    const { loads, tick, state } = await following(model('a'));
    for (const letter of ['b', 'a', 'b', 'a', 'b', 'b']) {
      state.answer = model(letter);
      await tick();
    }
    expect(loads).toEqual(['a', 'b']);
  });

  it('keeps serving while the edge does not answer, and logs it once', async () => {
    const { loads, events, tick, state } = await following(undefined);
    await tick(3);
    expect([loads, events]).toEqual([[], ['pointer_unreadable']]);
    state.answer = model('a');
    await tick();
    expect(loads).toEqual(['a']);
    expect(events).toEqual(['pointer_unreadable', 'pointer_readable', 'followed']);
  });

  it('retries a failed load with exponential back-off', async () => {
    const { loads, events, tick, state } = await following(model('a'), ['b']);
    state.answer = model('b');
    await tick(32);
    expect(loads.join('')).toBe('abbbbb'); // after 1, 2, 4, 8 intervals
    expect(events.slice(0, 2)).toEqual(['followed', 'not_followed']);
    state.broken = [];
    await tick(16);
    expect(loads.join('')).toBe('abbbbbb');
    expect(events.at(-1)).toBe('followed');
  });

  it('follows a rollback', async () => {
    const { loads, tick, state } = await following(model('a'), ['b']);
    state.answer = model('b');
    await tick(2);
    state.answer = model('a');
    await tick(4);
    expect(loads).toEqual(['a', 'b']); // a was served all the time
  });

  it('does not poll once it is stopped', async () => {
    const { follower, isWaiting } = await following(model('a'));
    await follower.stop();
    expect(isWaiting()).toBe(false);
  });
});
