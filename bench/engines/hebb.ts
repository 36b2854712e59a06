import { fileURLToPath } from 'node:url';
import type { EngineInfo } from './engine.ts';

/** What our engine is called, wherever it runs. */
export const HEBB = {
  name: 'Hebb',
  precision: 'int8',
  ours: true,
} as const satisfies Partial<EngineInfo>;

const build = (name: string): string =>
  fileURLToPath(new URL(`../../shared/engine/kernels/dist/${name}.wasm`, import.meta.url));

/** The relaxed SIMD build of the kernels, and the one for engines without. */
export const KERNELS = build('relaxed');
export const KERNELS_SIMD128 = build('simd128');
