import type { Activations } from '../engine/index.ts';
import type { Channels } from './maps.ts';

export interface MapStatistics {
  readonly largest: number;
  /** Share of the numbers that are 0, 0 to 1. */
  readonly zero: number;
  /** Channels that are 0 everywhere. */
  readonly silent: number;
}

export function statisticsOf(
  { data, channels }: Activations,
  { first, count }: Channels,
): MapStatistics {
  let [largest, zeros, numbers] = [0, 0, 0];
  const most = new Float32Array(count);
  for (let at = 0; at < data.length; at += channels) {
    for (let i = 0; i < count; i++) {
      const value = data[at + first + i]!;
      if (value === 0) zeros++;
      if (value > most[i]!) most[i] = value;
      numbers++;
    }
  }
  for (const value of most) largest = Math.max(largest, value);
  return { largest, zero: zeros / numbers, silent: most.filter((value) => value === 0).length };
}
