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
) => void;

/** What all of Winograd's convolutions end with. */
type WinogradSums = readonly [
  weights: number,
  bias: number,
  multiplier: number,
  outChannels: number,
  scratch: number,
];

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
  /** See edge/kernels/assembly/conv-winograd.ts. */
  convWinograd(
    pixels: number,
    outputs: number,
    groups: number,
    blocks: number,
    channels: number,
    ...sums: WinogradSums
  ): void;
  winogradWeights(
    rows: number,
    outChannels: number,
    channels: number,
    to: number,
    scratch: number,
  ): void;
  /** See edge/kernels/assembly/conv-winograd-first.ts. */
  convWinogradFirst(
    image: number,
    rowBytes: number,
    columns: number,
    tiles: number,
    outputs: number,
    groups: number,
    ...sums: WinogradSums
  ): void;
  winogradFirstWeights(rows: number, outChannels: number, to: number, scratch: number): void;
  readonly WINOGRAD_SIDE: WebAssembly.Global;
  readonly WINOGRAD_FIRST_SIDE: WebAssembly.Global;
  readonly WINOGRAD_GROUP: WebAssembly.Global;
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

/**
 * The convolutions that do for any shape. `dot`: one instruction per relaxed dot product; `paired`:
 * x86 without it; `widen`: simd128.
 */
export type DirectConv = 'dot' | 'paired' | 'widen';

/**
 * `winograd`: 3×3 and 5×5 convolutions, and the first one, where products of int16 are the quickest
 * that there is.
 */
export type ConvName = DirectConv | 'winograd';

export interface Conv {
  readonly name: DirectConv;
  /** Pixels that one step of the kernel computes. */
  readonly tile: number;
  readonly run: ConvKernel;
}

export interface Kernels extends CommonExports {
  /** The convolutions that this build has. */
  readonly convs: ReadonlyMap<DirectConv, Conv>;
  /** The quickest for this CPU; a layer that it is not exact for takes `fallback`. */
  readonly preferred: DirectConv;
  /** Exact for all weights. */
  readonly fallback: DirectConv;
  readonly winograd: {
    readonly run: CommonExports['convWinograd'];
    readonly weights: CommonExports['winogradWeights'];
    /** Output pixels along a side of a tile. */
    readonly side: number;
    /** The same of the first convolution. */
    readonly first: {
      readonly run: CommonExports['convWinogradFirst'];
      readonly weights: CommonExports['winogradFirstWeights'];
      readonly side: number;
    };
    /** Tiles that are computed together. */
    readonly group: number;
    /** Layers of fewer tiles than this are quicker with `preferred`; by the side of the window. */
    readonly fromTiles: FromTiles;
  };
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

type FromTiles = Readonly<Record<3 | 5 | 7, number>>;

/**
 * A transformed weight takes 8 bytes where a plain one takes 1 (of a 5×5 window 11.5): with fewer
 * tiles than this to spend it on, fetching it costs as much as the products that it saves.
 */
const WINOGRAD_FROM_TILES: FromTiles = { 3: 16, 5: 49, 7: 16 };

/** The same where memory is short: of GoogLeNet's layers the first six, which gain the most. */
const WINOGRAD_FROM_TILES_LEAN: FromTiles = { 3: 49, 5: 49, 7: 16 };

const fromTiles = (tiles: number): FromTiles => ({ 3: tiles, 5: tiles, 7: tiles });

export interface KernelChoice {
  /** 11 MB less for GoogLeNet where Winograd is used, and 2 ms more (Zen 4). */
  readonly lean?: boolean;
  /** Overrides of what is chosen for the CPU, for tests and benchmarks. */
  readonly conv?: DirectConv;
  /** See `Kernels.winograd.fromTiles`. */
  readonly winogradFromTiles?: number;
}

/** Instantiates either build of the kernels. */
export function instantiateKernels(module: WebAssembly.Module, choice: KernelChoice = {}): Kernels {
  const instance = new WebAssembly.Instance(module, {});
  const exports = instance.exports as unknown as RelaxedExports | Simd128Exports;
  const convs = new Map<DirectConv, Conv>();
  const { winogradFromTiles } = choice;
  const given = winogradFromTiles === undefined ? undefined : fromTiles(winogradFromTiles);
  const quickFrom = choice.lean ? WINOGRAD_FROM_TILES_LEAN : WINOGRAD_FROM_TILES;
  const add = (name: DirectConv, tile: WebAssembly.Global, run: ConvKernel) =>
    convs.set(name, { name, tile: tile.value as number, run });
  if ('convWiden' in exports) {
    add('widen', exports.WIDEN_TILE, exports.convWiden);
    const winograd = winogradOf(exports, given ?? quickFrom);
    return { ...exports, convs, preferred: 'widen', fallback: 'widen', winograd };
  }
  add('dot', exports.DOT_TILE, exports.convDot);
  add('paired', exports.PAIRED_TILE, exports.convPaired);
  const saturates = exports.dotFingerprint(127, 255) === SATURATED_PAIRS;
  const preferred = choice.conv ?? (saturates ? 'paired' : 'dot');
  const never = fromTiles(Infinity);
  return {
    ...exports,
    convs,
    preferred,
    fallback: 'dot',
    winograd: winogradOf(exports, given ?? (preferred === 'dot' ? never : quickFrom)),
  };
}

function winogradOf(exports: CommonExports, tiles: FromTiles): Kernels['winograd'] {
  return {
    run: exports.convWinograd,
    weights: exports.winogradWeights,
    side: exports.WINOGRAD_SIDE.value as number,
    first: {
      run: exports.convWinogradFirst,
      weights: exports.winogradFirstWeights,
      side: exports.WINOGRAD_FIRST_SIDE.value as number,
    },
    group: exports.WINOGRAD_GROUP.value as number,
    fromTiles: tiles,
  };
}
