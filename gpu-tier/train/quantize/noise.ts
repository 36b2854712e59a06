/**
 * Measures the noise that quantisation adds at each layer.
 * @module
 */
import { engineOf, type Int8Engine } from '@hebb/engine';
import { normalise, type Preprocessing, type QuantizedModel, type Reference } from '@hebb/model';

/** Signal-to-noise ratio of one layer's int8 activations, decibels. */
export interface LayerNoise {
  readonly layer: string;
  readonly decibels: number;
}

/**
 * Signal-to-noise ratio per layer: energy of the float32 activations over the energy of their difference
 * from scale · int8, over all images. Includes the noise of earlier layers.
 */
export function layerNoise(
  module: WebAssembly.Module,
  model: QuantizedModel,
  scales: ReadonlyMap<string, number>,
  reference: Reference,
  preprocessing: Preprocessing,
  images: readonly Uint8Array[],
): LayerNoise[] {
  const engine = engineOf(module, model);
  const energy = new Map<string, { signal: number; noise: number }>();
  for (const pixels of images) {
    const quantized = allActivations(engine, pixels);
    reference.classify(normalise(pixels, preprocessing), {
      onLayer(layer, output) {
        const integers = quantized.get(layer.name);
        if (!integers) return;
        const scale = scales.get(layer.name)!;
        const sum = energy.get(layer.name) ?? { signal: 0, noise: 0 };
        const real = output.dataSync<'float32'>();
        for (let i = 0; i < real.length; i++) {
          sum.signal += real[i]! ** 2;
          sum.noise += (real[i]! - scale * integers[i]!) ** 2;
        }
        energy.set(layer.name, sum);
      },
    });
  }
  return [...energy].map(([layer, { signal, noise }]) => ({
    layer,
    decibels: 10 * Math.log10(signal / noise),
  }));
}

/** u7 activations of each layer with weights or its own scale. */
function allActivations(engine: Int8Engine, pixels: Uint8Array): Map<string, Uint8Array> {
  const activations = new Map<string, Uint8Array>();
  engine.setPixels(pixels);
  for (const { layer, run } of engine.steps) {
    run();
    if (layer.kind === 'conv' || layer.kind === 'lrn' || layer.kind === 'globalAveragePool') {
      activations.set(layer.name, engine.activations(layer.name));
    }
  }
  return activations;
}
