/**
 * How a server notices that a model host stands still: stopped by a signal, by a debugger, or by a
 * machine that swaps. Nothing ends then, and nothing answers.
 * @module
 */
import type { Readable } from 'node:stream';

/** File descriptor of a host that its pulse goes to. */
export const PULSE_FD = 4;

export const PULSE_MS = 1000;

/** A host without a pulse for so long is replaced. */
export const SILENCE_MS = 10_000;

/**
 * Calls `onSilence` once when nothing has come for SILENCE_MS. It counts looks, not time: when the server
 * itself stood still (a suspended machine), or did not get to read for a while, its host is not to blame.
 * @returns ends the watch
 */
export function watchPulse(pulse: Readable, onSilence: () => void): () => void {
  let looks = 0;
  pulse.on('data', () => {
    looks = 0;
  });
  pulse.on('error', () => {}); // the process is gone, which its end tells
  const timer = setInterval(() => {
    if (++looks < SILENCE_MS / PULSE_MS) return;
    clearInterval(timer);
    onSilence();
  }, PULSE_MS);
  return () => clearInterval(timer);
}
