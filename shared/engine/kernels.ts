/**
 * The WebAssembly kernels as TypeScript sees them, and the choice among the convolutions.
 * The grammar of the kernels' names: shared/engine/kernels/README.md.
 * @module
 */

/** See shared/engine/kernels/assembly/qu7-qc8w-igemm.ts; addresses and strides in bytes. */
type Igemm = (
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
) => void;

/** The last parameters of both Winograd kernels. */
type WinogradSums = readonly [
  weights: number,
  bias: number,
  multiplier: number,
  outChannels: number,
  scratch: number,
];

interface CommonExports {
  readonly memory: WebAssembly.Memory;
  u8_qu7_pad_8c_wasm(pixels: number, size: number, output: number, rowBytes: number): void;
  qu7_maxpool_9p16c_wasmsimd(
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
  qu7_lrn5_8c_wasmsimd(
    input: number,
    output: number,
    pixels: number,
    channels: number,
    factors: number,
    squareScale: number,
    bias: number,
    multiplier: number,
    scratch: number,
  ): void;
  qu7_gavgpool_8c_wasmsimd(
    input: number,
    pixels: number,
    channels: number,
    inputStride: number,
    multiplier: number,
    output: number,
  ): void;
  qu7_f32_qc8w_gemm_1x8c4_wasmsimd_widen(
    input: number,
    channels: number,
    weights: number,
    bias: number,
    scale: number,
    output: number,
    outChannels: number,
  ): void;
  f32_sigmoid_1c_wasm(logits: number, classes: number, output: number): void;
  f32_softmax_1c_wasm(logits: number, classes: number, output: number): void;
  qu7_qc8w_winograd_f4k3_4x8c2_wasmsimd(
    pixels: number,
    outputs: number,
    groups: number,
    blocks: number,
    channels: number,
    ...sums: WinogradSums
  ): void;
  qc8w_winograd_f4k3_packw_8c2_wasmsimd(
    rows: number,
    outChannels: number,
    channels: number,
    to: number,
    scratch: number,
  ): void;
  qu7_qc8w_winograd_f3k4_4x8c2_wasmsimd(
    image: number,
    rowBytes: number,
    columns: number,
    tiles: number,
    outputs: number,
    groups: number,
    ...sums: WinogradSums
  ): void;
  qc8w_winograd_f3k4_packw_8c2_wasmsimd(
    rows: number,
    outChannels: number,
    to: number,
    scratch: number,
  ): void;
}

interface RelaxedExports extends CommonExports {
  readonly qu7_qc8w_igemm_6x8c4_wasmrelaxedsimd_dot: Igemm;
  readonly qu7_qc8w_igemm_4x8c4_wasmrelaxedsimd_paired: Igemm;
  dotFingerprint(weight: number, activation: number): number;
}

interface Simd128Exports extends CommonExports {
  readonly qu7_qc8w_igemm_2x8c4_wasmsimd_widen: Igemm;
}

/**
 * The direct convolutions, which take any shape. `dot`: the relaxed dot product is one instruction;
 * `paired`: x86 where it is not; `widen`: plain simd128.
 */
export type DirectConv = 'dot' | 'paired' | 'widen';

/**
 * `winograd`: convolutions of 3×3 and 5×5 and the first one, where products of int16 are the fastest
 * that the CPU has.
 */
export type ConvName = DirectConv | 'winograd';

export interface Conv {
  readonly name: DirectConv;
  /** Pixels of a tile. */
  readonly tile: number;
  readonly run: Igemm;
}

/** The kernels under the names of the layers that they compute. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly padInput: CommonExports['u8_qu7_pad_8c_wasm'];
  readonly maxPool: CommonExports['qu7_maxpool_9p16c_wasmsimd'];
  readonly lrn: CommonExports['qu7_lrn5_8c_wasmsimd'];
  readonly globalAveragePool: CommonExports['qu7_gavgpool_8c_wasmsimd'];
  readonly linear: CommonExports['qu7_f32_qc8w_gemm_1x8c4_wasmsimd_widen'];
  readonly sigmoid: CommonExports['f32_sigmoid_1c_wasm'];
  readonly softmax: CommonExports['f32_softmax_1c_wasm'];
  /** The direct convolutions of this build. */
  readonly convs: ReadonlyMap<DirectConv, Conv>;
  /** The fastest on this CPU; layers for which it is not exact take `fallback`. */
  readonly preferred: DirectConv;
  /** Exact for all weights. */
  readonly fallback: DirectConv;
  readonly winograd: {
    readonly run: CommonExports['qu7_qc8w_winograd_f4k3_4x8c2_wasmsimd'];
    readonly weights: CommonExports['qc8w_winograd_f4k3_packw_8c2_wasmsimd'];
    /** Output pixels along a side of a tile. */
    readonly side: number;
    /** The same for the first convolution. */
    readonly first: {
      readonly run: CommonExports['qu7_qc8w_winograd_f3k4_4x8c2_wasmsimd'];
      readonly weights: CommonExports['qc8w_winograd_f3k4_packw_8c2_wasmsimd'];
      readonly side: number;
    };
    /** Tiles that are computed together. */
    readonly group: number;
    /** Layers of fewer tiles than this are faster with `preferred`; by the side of the window. */
    readonly fromTiles: FromTiles;
  };
}

/** What the dot product of 4 × (127 · 255) gives where x86 saturates pairs of products at int16. */
const SATURATED_PAIRS = 65534;

/** A module that holds one relaxed SIMD instruction (i16x8.relaxed_dot_i8x16_i7x16_s). */
// biome-ignore format: a number on each line would hide the module
const RELAXED_SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  65, 1, 253, 15, 65, 2, 253, 15, 253, 146, 2, 11,
]);

/** Whether this machine runs the relaxed SIMD build. Works in workerd, which cannot compile bytes. */
export function supportsRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_SIMD_PROBE);
}

type FromTiles = Readonly<Record<3 | 5 | 7, number>>;

/**
 * A transformed weight takes 8 bytes where a plain one takes 1 (11.5 for a 5×5 window). With fewer
 * tiles than this, fetching the weights costs as much as the saved products.
 */
const WINOGRAD_FROM_TILES: FromTiles = { 3: 16, 5: 49, 7: 16 };

/** The same where memory is short: only the first six layers of GoogLeNet, which gain the most. */
const WINOGRAD_FROM_TILES_LEAN: FromTiles = { 3: 49, 5: 49, 7: 16 };

const fromTiles = (tiles: number): FromTiles => ({ 3: tiles, 5: tiles, 7: tiles });

export interface KernelChoice {
  /** Takes 11 MB less for GoogLeNet where Winograd is used, and 2 ms more (Zen 4). */
  readonly lean?: boolean;
  /** Overrides the choice for this CPU, for tests and benchmarks. */
  readonly conv?: DirectConv;
  /** Overrides `Kernels.winograd.fromTiles`. */
  readonly winogradFromTiles?: number;
}

/** Instantiates either build of the kernels. */
export function instantiateKernels(module: WebAssembly.Module, choice: KernelChoice = {}): Kernels {
  const instance = new WebAssembly.Instance(module, {});
  const exports = instance.exports as unknown as RelaxedExports | Simd128Exports;
  const { convs, preferred, fallback } = directConvs(exports, choice);
  const { winogradFromTiles, lean } = choice;
  const quickFrom = lean ? WINOGRAD_FROM_TILES_LEAN : WINOGRAD_FROM_TILES;
  const byChoice = preferred === 'dot' ? fromTiles(Infinity) : quickFrom;
  return {
    memory: exports.memory,
    padInput: exports.u8_qu7_pad_8c_wasm,
    maxPool: exports.qu7_maxpool_9p16c_wasmsimd,
    lrn: exports.qu7_lrn5_8c_wasmsimd,
    globalAveragePool: exports.qu7_gavgpool_8c_wasmsimd,
    linear: exports.qu7_f32_qc8w_gemm_1x8c4_wasmsimd_widen,
    sigmoid: exports.f32_sigmoid_1c_wasm,
    softmax: exports.f32_softmax_1c_wasm,
    convs: new Map(convs.map((conv) => [conv.name, conv])),
    preferred,
    fallback,
    winograd: {
      run: exports.qu7_qc8w_winograd_f4k3_4x8c2_wasmsimd,
      weights: exports.qc8w_winograd_f4k3_packw_8c2_wasmsimd,
      side: 4,
      first: {
        run: exports.qu7_qc8w_winograd_f3k4_4x8c2_wasmsimd,
        weights: exports.qc8w_winograd_f3k4_packw_8c2_wasmsimd,
        side: 3,
      },
      group: 4,
      fromTiles: winogradFromTiles === undefined ? byChoice : fromTiles(winogradFromTiles),
    },
  };
}

function directConvs(
  exports: RelaxedExports | Simd128Exports,
  { conv }: KernelChoice,
): {
  readonly convs: readonly Conv[];
  readonly preferred: DirectConv;
  readonly fallback: DirectConv;
} {
  if ('qu7_qc8w_igemm_2x8c4_wasmsimd_widen' in exports) {
    const run = exports.qu7_qc8w_igemm_2x8c4_wasmsimd_widen;
    return { convs: [{ name: 'widen', tile: 2, run }], preferred: 'widen', fallback: 'widen' };
  }
  const saturates = exports.dotFingerprint(127, 255) === SATURATED_PAIRS;
  return {
    convs: [
      { name: 'dot', tile: 6, run: exports.qu7_qc8w_igemm_6x8c4_wasmrelaxedsimd_dot },
      { name: 'paired', tile: 4, run: exports.qu7_qc8w_igemm_4x8c4_wasmrelaxedsimd_paired },
    ],
    preferred: conv ?? (saturates ? 'paired' : 'dot'),
    fallback: 'dot',
  };
}
