import type { EnginesResult } from './results.ts';

/** A target and its measured value. Targets are reported and not asserted, since machines differ. */
export interface Outcome {
  readonly what: string;
  readonly target: string;
  /** Undefined if it was not measured. */
  readonly measured: string | undefined;
  readonly met: boolean | undefined;
}

/** Targets for the speed of our engine as a multiple of a peer's, on each network that the peer runs. */
export const SPEED = [
  { peer: 'tfjs-wasm', name: 'tfjs-backend-wasm, float32', times: 5.5 },
  { peer: 'ort-web-int8', name: 'onnxruntime-web, int8', times: 3 },
  { peer: 'litert-int8', name: 'LiteRT.js, int8', times: 1.25 },
] as const;

/** Limit for our runtime and its kernels, bytes. */
const RUNTIME_BYTES = 60_000;

/** Limit for our engine's memory on the largest network measured, bytes. */
const MEMORY_BYTES = 40_000_000;

export const outcomes = (result: EnginesResult): readonly Outcome[] => [
  ...speedOutcomes(result),
  ...sizeOutcomes(result),
];

export function speedOutcomes(result: EnginesResult): readonly Outcome[] {
  return SPEED.flatMap((target) => {
    const runs = result.engines.filter(({ id, timesOurs }) => id === target.peer && timesOurs);
    if (runs.length === 0) return [faster(target)];
    return runs.map(({ network, timesOurs }) => {
      const title = result.networks.find(({ id }) => id === network)!.title;
      return faster(target, title, timesOurs!.median);
    });
  });
}

export function sizeOutcomes(result: EnginesResult): readonly Outcome[] {
  const own = result.sizes.find(({ ours }) => ours);
  const memory = result.engines.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  return [
    below('runtime and kernels', RUNTIME_BYTES, own && own.js + own.binary, 'KB', 1e3),
    below('memory', MEMORY_BYTES, memory.length > 0 ? Math.max(...memory) : undefined, 'MB', 1e6),
  ];
}

function faster(
  { name, times }: (typeof SPEED)[number],
  network?: string,
  ratio?: number,
): Outcome {
  return {
    what: `as fast as ${name}${network === undefined ? '' : `; ${network}`}`,
    target: `${times} times`,
    measured: ratio === undefined ? undefined : `${ratio.toFixed(2)} times`,
    met: ratio === undefined ? undefined : ratio >= times,
  };
}

function below(
  what: string,
  limit: number,
  bytes: number | undefined,
  unit: string,
  unitBytes: number,
): Outcome {
  const text = (value: number) => `${(value / unitBytes).toFixed(1)} ${unit}`;
  return {
    what,
    target: `under ${limit / unitBytes} ${unit}`,
    measured: bytes === undefined ? undefined : text(bytes),
    met: bytes === undefined ? undefined : bytes < limit,
  };
}
