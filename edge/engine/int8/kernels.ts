/**
 * The wasm kernels as TypeScript sees them, and the choice among the convolutions.
 * @module
 */

/** See edge/kernels/assembly/conv-dot.ts; addresses and strides in bytes. */
type ConvKernel = (
  indirection: number,
  taps: number,
  channels: number,
  weights: number,
  bias: number,
  multiplier: number,
  output: number,
  outputStride: number,
  pixels: number,
  outChannels: number,
  onesAddress: number,
) => void;

interface CommonExports {
  readonly memory: WebAssembly.Memory;
  padInput(pixels: number, size: number, output: number, rowBytes: number): void;
  maxPool(
    input: number,
    height: number,
    width: number,
    channels: number,
    inputStride: number,
    size: number,
    stride: number,
    pad: number,
    output: number,
    outHeight: number,
    outWidth: number,
    outputStride: number,
  ): void;
  lrn(
    input: number,
    output: number,
    pixels: number,
    channels: number,
    squareScale: number,
    bias: number,
    multiplier: number,
    scratch: number,
  ): void;
  globalAveragePool(
    input: number,
    pixels: number,
    channels: number,
    inputStride: number,
    multiplier: number,
    output: number,
  ): void;
  linear(
    input: number,
    channels: number,
    weights: number,
    bias: number,
    scale: number,
    output: number,
    outChannels: number,
  ): void;
  softmax(logits: number, classes: number, output: number): void;
}

interface RelaxedExports extends CommonExports {
  readonly convDot: ConvKernel;
  readonly DOT_TILE: WebAssembly.Global;
  readonly convPaired: ConvKernel;
  readonly PAIRED_TILE: WebAssembly.Global;
  dotFingerprint(weight: number, activation: number): number;
}

interface Simd128Exports extends CommonExports {
  readonly convWiden: ConvKernel;
  readonly WIDEN_TILE: WebAssembly.Global;
}

/** `dot`: one instruction per relaxed dot product; `paired`: x86 without it; `widen`: simd128. */
export type ConvName = 'dot' | 'paired' | 'widen';

export interface Conv {
  readonly name: ConvName;
  /** Pixels that one step of the kernel computes. */
  readonly tile: number;
  readonly run: ConvKernel;
}

export interface Kernels extends CommonExports {
  /** The convolutions that this build has. */
  readonly convs: ReadonlyMap<ConvName, Conv>;
  /** The quickest for this CPU; a layer that it is not exact for takes `fallback`. */
  readonly preferred: ConvName;
  /** Exact for all weights. */
  readonly fallback: ConvName;
}

/** What the dot product of 4 × (127 · 255) gives where x86 saturates pairs of products at int16. */
const SATURATED_PAIRS = 65534;

/** A module of 38 bytes that holds one relaxed SIMD instruction (i16x8.relaxed_dot_i8x16_i7x16_s). */
const RELAXED_SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0],
  ...[65, 1, 253, 15, 65, 2, 253, 15, 253, 146, 2, 11],
);

/** Which of the two builds this engine takes; allowed in workerd, where compiling bytes is not. */
export function supportsRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_SIMD_PROBE);
}

/**
 * Instantiates either build of the kernels.
 * @param prefer overrides the choice of the convolution (tests and benchmarks).
 */
export function instantiateKernels(module: WebAssembly.Module, prefer?: ConvName): Kernels {
  const instance = new WebAssembly.Instance(module, {});
  const exports = instance.exports as unknown as RelaxedExports | Simd128Exports;
  const convs = new Map<ConvName, Conv>();
  const add = (name: ConvName, tile: WebAssembly.Global, run: ConvKernel) =>
    convs.set(name, { name, tile: tile.value as number, run });
  if ('convWiden' in exports) {
    add('widen', exports.WIDEN_TILE, exports.convWiden);
    return { ...exports, convs, preferred: 'widen', fallback: 'widen' };
  }
  add('dot', exports.DOT_TILE, exports.convDot);
  add('paired', exports.PAIRED_TILE, exports.convPaired);
  const saturates = exports.dotFingerprint(127, 255) === SATURATED_PAIRS;
  return {
    ...exports,
    convs,
    preferred: prefer ?? (saturates ? 'paired' : 'dot'),
    fallback: 'dot',
  };
}
