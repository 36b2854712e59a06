import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { ConvLayer } from '../../../shared/model/network/layer.ts';

/** The image inside a border of zero points, as the first convolution reads it. */
export interface PaddedInput {
  readonly rows: number;
  readonly rowBytes: number;
  /** Offset of the image's first pixel. */
  readonly firstPixel: number;
  /** Offset of the first pixel that the first convolution reads. */
  readonly firstWindow: number;
}

/** Pixels before the image: the first convolution pads by 3, its blocks of 2×2 begin at an even one. */
const BORDER = 4;

/**
 * Large enough for every window of the first convolution, however it is computed: in tiles of `side`
 * pixels (qu7-qc8w-winograd-f3k4-4x8c2-wasmsimd.ts), over blocks of 2×2, the last of which is read with 2 bytes more;
 * or pixel by pixel, with an eighth column (first-conv.ts), which is less.
 */
export function paddedInput(network: Network, side: number): PaddedInput {
  const conv1 = network.layers.find((layer): layer is ConvLayer => layer.kind === 'conv')!;
  const blocks = (size: number) => Math.ceil(size / side) * side + 3;
  const [height, width] = conv1.shape;
  const rowBytes = (2 * blocks(width) + 1) * 3;
  return {
    rows: 2 * blocks(height),
    rowBytes,
    firstPixel: BORDER * rowBytes + BORDER * 3,
    firstWindow: (BORDER - conv1.pad) * (rowBytes + 3),
  };
}

/** Every pixel at its colour's zero point; the image overwrites its part. */
export function borderBytes({ rows, rowBytes }: PaddedInput, zeroPoint: Uint8Array): Uint8Array {
  return new Uint8Array(rows * rowBytes).map((_, i) => zeroPoint[i % 3]!);
}
