import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { limitsOf } from './limits-of.ts';

const of = (limits: unknown) => limitsOf({ HEBB_LIMITS: JSON.stringify(limits) });

it('are the defaults without HEBB_LIMITS', () => {
  expect(limitsOf({})).toBe(LIMITS);
  expect(limitsOf({ HEBB_LIMITS: '' })).toBe(LIMITS);
});

it('can be replaced one by one', () => {
  const { gpu, ...rest } = of({ gpu: { timeoutMs: [1, 2], breaker: { openMs: 0 } } });
  expect(gpu).toEqual({
    ...LIMITS.gpu,
    timeoutMs: [1, 2],
    breaker: { ...LIMITS.gpu.breaker, openMs: 0 },
  });
  expect({ ...rest, gpu: LIMITS.gpu }).toEqual(LIMITS);
});

it.each([
  [{ gpu: { timeout: 1 } }, 'There is no limit HEBB_LIMITS.gpu.timeout.'],
  [{ toString: 1 }, 'There is no limit HEBB_LIMITS.toString.'],
  [{ gpu: 5 }, 'HEBB_LIMITS.gpu must be an object of limits.'],
  [
    { gpu: { timeoutMs: 5 } },
    'HEBB_LIMITS.gpu.timeoutMs is 5: it must have the form of [2000,30000].',
  ],
  [
    { gpu: { timeoutMs: [1] } },
    'HEBB_LIMITS.gpu.timeoutMs is [1]: it must have the form of [2000,30000].',
  ],
  [{ cacheSeconds: '5' }, 'HEBB_LIMITS.cacheSeconds is "5": it must have the form of 86400.'],
  [{ cacheSeconds: -1 }, 'HEBB_LIMITS.cacheSeconds is -1: it must have the form of 86400.'],
  [[], 'HEBB_LIMITS must be an object of limits.'],
])('%j is refused', (limits, message) => {
  expect(() => of(limits)).toThrow(message);
});

it('must be JSON', () => {
  expect(() => limitsOf({ HEBB_LIMITS: '{' })).toThrow('HEBB_LIMITS is not valid JSON.');
});
