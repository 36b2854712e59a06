/**
 * What the layers of the int8 network read: samples for the rounding of their weights.
 * @module
 */
import type { Int8Engine } from '@hebb/engine';
import type { ConvLayer, LinearLayer, Shape } from '@hebb/model';

/**
 * What layers read at some pixels of all images: u7 [images, pixels, size, size, channels], by the name of the
 * input and the side of the window: `inception3a 1`. The classifier's input has one pixel.
 */
export type Windows = ReadonlyMap<string, Uint8Array>;

export const windowsKey = ({ inputs, ...layer }: ConvLayer | LinearLayer): string =>
  `${inputs[0]} ${layer.kind === 'conv' ? layer.size : 1}`;

/**
 * Runs the int8 network on images, and returns what its layers read. The first convolution, which reads pixels, is
 * left out.
 * @param pixels uint8 RGB [n, s, s, 3]
 * @param most pixels of each image
 */
export function windowsOf(engine: Int8Engine, pixels: Uint8Array, most: number): Windows {
  const imageLength = engine.inputSize ** 2 * 3;
  const n = pixels.length / imageLength;
  const windows = new Map<string, Uint8Array>();
  for (let i = 0; i < n; i++) {
    engine.setPixels(pixels.subarray(i * imageLength, (i + 1) * imageLength));
    const seen = new Set<string>();
    for (const { layer, run } of engine.steps) {
      const { kind, inputShape, inputs } = layer;
      if ((kind === 'conv' || kind === 'linear') && inputs[0] !== 'input') {
        const key = windowsKey(layer);
        if (!seen.has(key)) {
          // Right before the layer runs, its input is complete and not yet overwritten.
          const size = kind === 'conv' ? layer.size : 1;
          const count = Math.min(most, inputShape[0] * inputShape[1]);
          const length = count * size * size * inputShape[2];
          const all = windows.get(key) ?? new Uint8Array(n * length);
          windows.set(key, all);
          const input = engine.activations(inputs[0]!);
          cut(input, inputShape, size, count, i, all.subarray(i * length, (i + 1) * length));
          seen.add(key);
        }
      }
      run();
    }
  }
  return windows;
}

/** Copies windows around `count` pixels, evenly spread from a start that differs from image to image. */
function cut(
  input: Uint8Array,
  [height, width, channels]: Shape,
  size: number,
  count: number,
  image: number,
  to: Uint8Array,
): void {
  const reach = (size - 1) / 2;
  let at = 0;
  for (let k = 0; k < count; k++) {
    const pixel = Math.floor(((k + ((image * 0.618) % 1)) * height * width) / count);
    const [cy, cx] = [Math.floor(pixel / width), pixel % width];
    for (let y = cy - reach; y <= cy + reach; y++) {
      for (let x = cx - reach; x <= cx + reach; x++, at += channels) {
        if (y < 0 || y >= height || x < 0 || x >= width) continue; // padding is 0
        const from = (y * width + x) * channels;
        to.set(input.subarray(from, from + channels), at);
      }
    }
  }
}
