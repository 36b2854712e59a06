import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { ConvLayer } from '../../../shared/model/network/layer.ts';

/** The image inside a border of zero points, as the first convolution reads it. */
export interface PaddedInput {
  readonly rows: number;
  readonly rowBytes: number;
  /** Offset of the image's first pixel. */
  readonly firstPixel: number;
}

/** Large enough for every window of the first convolution, and an eighth column (first-conv.ts). */
export function paddedInput(network: Network): PaddedInput {
  const conv1 = network.layers.find((layer): layer is ConvLayer => layer.kind === 'conv')!;
  const [height, width] = conv1.shape;
  const rowBytes = ((width - 1) * conv1.stride + conv1.size + 1) * 3;
  return {
    rows: (height - 1) * conv1.stride + conv1.size,
    rowBytes,
    firstPixel: conv1.pad * rowBytes + conv1.pad * 3,
  };
}

/** Every pixel at its colour's zero point; the image overwrites its part. */
export function borderBytes({ rows, rowBytes }: PaddedInput, zeroPoint: Uint8Array): Uint8Array {
  return new Uint8Array(rows * rowBytes).map((_, i) => zeroPoint[i % 3]!);
}
