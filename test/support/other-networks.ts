/**
 * Small ONNX files of other networks than GoogLeNet, each with the characteristic structure of its family.
 * @module
 */
import type { ModelProto } from '@hebb/models/onnx/model';
import { int, ints, OnnxBuilder } from './onnx-builder.ts';

interface ConvOptions {
  readonly size?: readonly [number, number];
  readonly stride?: number;
  readonly groups?: number;
}

/** A builder of convolutions with arbitrary weights. */
class Sketch extends OnnxBuilder {
  conv(x: string, from: number, to: number, options: ConvOptions = {}): string {
    const { size = [3, 3], stride = 1, groups = 1 } = options;
    const dims = [to, from / groups, ...size];
    const weight = this.floats(dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));
    const pad = size.map((side) => side >> 1);
    return this.node(
      'Conv',
      [x, weight],
      [
        ints('kernel_shape', size),
        ints('strides', [stride, stride]),
        ints('pads', [...pad, ...pad]),
        int('group', groups),
      ],
    );
  }

  convRelu(x: string, from: number, to: number, options: ConvOptions = {}): string {
    return this.node('Relu', [this.conv(x, from, to, options)]);
  }

  head(x: string, channels: number): ModelProto {
    const flat = this.node('Flatten', [this.node('GlobalAveragePool', [x])]);
    const weight = this.floats([10, channels], new Float32Array(10 * channels));
    const output = this.node('Gemm', [flat, weight], [int('transB', 1)]);
    return this.model([output], 10, [1, 3, 64, 64]);
  }
}

/** Two residual blocks (He et al. 2015). */
export function resnet(): ModelProto {
  const b = new Sketch();
  let x = b.convRelu('image', 3, 64, { size: [7, 7], stride: 2 });
  x = b.node(
    'MaxPool',
    [x],
    [ints('kernel_shape', [3, 3]), ints('strides', [2, 2]), ints('pads', [1, 1, 1, 1])],
  );
  for (let block = 0; block < 2; block++) {
    const y = b.conv(b.convRelu(x, 64, 64), 64, 64);
    x = b.node('Relu', [b.node('Add', [y, x])]);
  }
  return b.head(x, 64);
}

/** A chain of 3×3 convolutions (Simonyan & Zisserman 2014). */
export function vgg(): ModelProto {
  const b = new Sketch();
  let x = 'image';
  for (let i = 0; i < 8; i++) x = b.convRelu(x, i === 0 ? 3 : 16, 16);
  return b.head(x, 16);
}

/** Depthwise separable convolutions (Howard et al. 2017). */
export function mobilenet(): ModelProto {
  const b = new Sketch();
  let x = b.convRelu('image', 3, 32, { stride: 2 });
  x = b.convRelu(x, 32, 32, { groups: 32 });
  x = b.convRelu(x, 32, 64, { size: [1, 1] });
  return b.head(x, 64);
}

/** An 11×11 kernel, then two groups (Krizhevsky et al. 2012). */
export function alexnet(): ModelProto {
  const b = new Sketch();
  const x = b.convRelu('image', 3, 96, { size: [11, 11], stride: 4 });
  return b.head(b.convRelu(x, 96, 256, { size: [5, 5], groups: 2 }), 256);
}

/** Kernels of 1×7 and 7×1 (Szegedy et al. 2015). */
export function inceptionV3(): ModelProto {
  const b = new Sketch();
  const x = b.convRelu('image', 3, 32, { stride: 2 });
  return b.head(b.convRelu(b.convRelu(x, 32, 32, { size: [1, 7] }), 32, 32, { size: [7, 1] }), 32);
}

/** Eight fire modules (Iandola et al. 2016). */
export function squeezenet(): ModelProto {
  const b = new Sketch();
  let x = b.convRelu('image', 3, 64, { stride: 2 });
  for (let i = 0; i < 8; i++) {
    const squeezed = b.convRelu(x, 64, 16, { size: [1, 1] });
    const branches = [b.convRelu(squeezed, 16, 32, { size: [1, 1] }), b.convRelu(squeezed, 16, 32)];
    x = b.node('Concat', branches, [int('axis', 1)]);
  }
  return b.head(x, 64);
}

/** Every layer's output concatenated with all earlier ones (Huang et al. 2016). */
export function densenet(): ModelProto {
  const b = new Sketch();
  let [x, channels] = [b.convRelu('image', 3, 8, { stride: 2 }), 8];
  for (let i = 0; i < 24; i++, channels += 4) {
    x = b.node('Concat', [x, b.convRelu(x, channels, 4)], [int('axis', 1)]);
  }
  return b.head(x, channels);
}

/** Patches, then attention (Dosovitskiy et al. 2020); only the characteristic part. */
export function transformer(): ModelProto {
  const b = new Sketch();
  const x = b.conv('image', 3, 32, { size: [16, 16], stride: 16 });
  const scale = b.floats([32], new Float32Array(32));
  return b.head(b.node('LayerNormalization', [x, scale]), 32);
}

/** A network quantised by ONNX Runtime: its tensors pass through QuantizeLinear. */
export function quantised(): ModelProto {
  const b = new Sketch();
  const [scale, zero] = [b.floats([], [0.1]), b.int64s([], [0])];
  const q = b.node('QuantizeLinear', ['image', scale, zero]);
  const x = b.node('DequantizeLinear', [q, scale, zero]);
  return b.head(b.convRelu(x, 3, 64, { size: [7, 7], stride: 2 }), 64);
}

/** A perceptron without convolutions. */
export function perceptron(): ModelProto {
  const b = new Sketch();
  return b.head('image', 3);
}
