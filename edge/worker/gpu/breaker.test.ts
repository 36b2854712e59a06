import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

let now = 0;
let breaker: Breaker;
beforeEach(() => {
  now = 0;
  const clock = { now: () => now, random: () => 0.5 };
  breaker = new Breaker({ failures: 3, openMs: 1_000, openAtMostMs: 10_000, ...clock });
});

function fail(times = 3) {
  for (let i = 0; i < times; i++) breaker.failed();
}

describe('a circuit breaker', () => {
  it('opens after failures in a row, not after single ones', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.admits()).toBe(true);
    fail(1);
    expect(breaker.state).toBe('open');
    expect(breaker.admits()).toBe(false);
    expect(breaker.waitMs).toBe(1_000);
  });

  it('admits one trial request, and closes when it succeeds', () => {
    fail();
    now = 1_000;
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
  });

  it('doubles the open time after each failed trial, up to a limit', () => {
    fail();
    for (const ms of [2_000, 4_000, 8_000, 10_000, 10_000]) {
      now += breaker.waitMs;
      expect(breaker.admits()).toBe(true);
      breaker.failed();
      expect(breaker.waitMs).toBe(ms);
    }
  });

  it('admits another trial when the first has no outcome', () => {
    fail();
    now = 1_000;
    expect(breaker.admits()).toBe(true);
    breaker.undecided();
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    now += 10_000;
    expect(breaker.admits()).toBe(true);
  });

  it('respects Retry-After, up to a limit', () => {
    breaker.openFor(3_000);
    expect(breaker.state).toBe('open');
    now = 3_000;
    expect(breaker.admits()).toBe(true);
    breaker.openFor(1e9);
    expect(breaker.waitMs).toBe(10_000);
  });
});
