/**
 * The int8 engine: GoogLeNet with 7-bit activations and 8-bit weights on WebAssembly SIMD. It depends
 * on neither Workers nor tfjs and runs wherever WebAssembly does.
 *
 *     const engine = loadEngine(module, manifest.network, weights);
 *     const probabilities = engine.classify(pixels);
 *
 * @module
 */
export { type Engine, engineOf, type Int8Engine, loadEngine } from './engine.ts';
export {
  type ConvName,
  type DirectConv,
  type KernelChoice,
  supportsRelaxedSimd,
} from './kernels.ts';
export { checkEngineFits, plannedBytes } from './planned-bytes.ts';
export type { Step } from './step.ts';
