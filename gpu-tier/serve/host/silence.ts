/**
 * Detects a model host that is suspended (by a signal, a debugger, or a swapping machine): such a process neither ends
 * nor answers, so hosts send a pulse.
 * @module
 */
import type { Readable } from 'node:stream';

/** File descriptor to which a host writes its pulse. */
export const PULSE_FD = 4;

export const PULSE_MS = 1000;

/** Time without a pulse after which a host is replaced. */
export const SILENCE_MS = 10_000;

/**
 * Calls `onSilence` once when there was no pulse for SILENCE_MS. It counts its own timer ticks instead of measuring
 * time, so that a suspended or busy server does not blame its host.
 * @returns stops the watch
 */
export function watchPulse(pulse: Readable, onSilence: () => void): () => void {
  let looks = 0;
  pulse.on('data', () => {
    looks = 0;
  });
  pulse.on('error', () => {}); // the process has ended, which is reported elsewhere
  const timer = setInterval(() => {
    if (++looks < SILENCE_MS / PULSE_MS) return;
    clearInterval(timer);
    onSilence();
  }, PULSE_MS);
  return () => clearInterval(timer);
}
