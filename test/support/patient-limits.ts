/**
 * The Worker's limits in tests: timeouts are longer than any test, so that results do not depend on the speed of
 * the machine. Tests of a limit set their own.
 * @module
 */
import { LIMITS } from '@hebb/worker/limits';
import type { SomeLimits } from '@hebb/worker/limits-of';

/** Longer than any test. */
export const LONG_MS = 600_000;

const PATIENT: SomeLimits = {
  bodies: { maxWaitMs: LONG_MS },
  decoding: { maxWaitMs: LONG_MS },
  body: { timeoutMs: LONG_MS },
  loadPatienceMs: LONG_MS,
  url: { timeoutMs: LONG_MS },
  batch: { idleMs: LONG_MS, statusMs: LONG_MS, busyMs: LONG_MS },
  gpu: { timeoutMs: [LONG_MS, LONG_MS], hedgeMs: LONG_MS },
  jobs: { webhook: { ...LIMITS.jobs.webhook, timeoutMs: LONG_MS } },
};

/** These limits, with a test's own limits in some groups. */
export function patientLimits(own: SomeLimits = {}): SomeLimits {
  const groups = Object.entries(own).map(([name, value]) => {
    const patient = PATIENT[name as keyof SomeLimits];
    return [name, typeof value === 'object' ? { ...(patient as object), ...value } : value];
  });
  return { ...PATIENT, ...Object.fromEntries(groups) };
}
