/** Maps values to coordinates of the picture. */
export type Scale = (value: number) => number;

export function linearScale(from: readonly [number, number], to: readonly [number, number]): Scale {
  const span = from[1] - from[0] || 1;
  return (value) => round(to[0] + ((value - from[0]) / span) * (to[1] - to[0]));
}

/** Like `linearScale`, of the logarithms: `from` must be positive. */
export function logScale(from: readonly [number, number], to: readonly [number, number]): Scale {
  const scale = linearScale([Math.log10(from[0]), Math.log10(from[1])], to);
  return (value) => scale(Math.log10(value));
}

/** Rounds to a tenth of a pixel, which keeps the file small. */
export const round = (x: number): number => Math.round(x * 10) / 10;

/** About `count` round numbers (1, 2 or 5 times a power of ten) that cover `low` to `high`. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  const rough = (high - low || Math.abs(high) || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Divided rather than multiplied by 0.1: 3 · 0.1 is not 0.3.
  const tick = (i: number) => (step < 1 ? i / Math.round(1 / step) : i * step);
  return Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, i) => tick(first + i));
}

/** Powers of ten that cover `low` to `high`, both positive: at most about seven of them, evenly spread. */
export function powerTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const step = Math.ceil((last - first) / 6);
  const count = Math.ceil((last - first) / step) + 1;
  return Array.from({ length: count }, (_, i) => Number(`1e${first + i * step}`));
}
