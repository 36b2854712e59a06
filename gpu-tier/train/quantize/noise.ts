/**
 * Measures the noise that quantisation adds at each layer.
 * @module
 */
import { engineOf, type Int8Engine } from '@hebb/engine';
import { type Layer, readQuantizedModel } from '@hebb/model';
import type { FloatModel, FloatNetwork } from './float-network.ts';
import { channelStepsOf, type Plan, planTensors } from './plan.ts';

/** Signal-to-noise ratio of one layer's int8 activations, decibels. */
export interface LayerNoise {
  readonly layer: string;
  readonly decibels: number;
}

/**
 * Signal-to-noise ratio per layer: energy of the float32 activations over the energy of their difference
 * from step · int8, over all images. Includes the noise of earlier layers.
 */
export function layerNoise(
  module: WebAssembly.Module,
  { network, weights, preprocessing }: FloatModel,
  plan: Plan,
  float: FloatNetwork,
  images: readonly Uint8Array[],
): LayerNoise[] {
  const tensors = planTensors({ network, weights, preprocessing }, plan);
  const engine = engineOf(module, readQuantizedModel(network.spec, tensors));
  const stepsOf = channelStepsOf(network, plan);
  const layers = network.layers.filter(isMeasured);
  const names = layers.map(({ name }) => name);
  const energy = layers.map(() => ({ signal: 0, noise: 0 }));
  for (const pixels of images) {
    const quantized = allActivations(engine, pixels);
    for (const [l, real] of float.run([pixels], names).entries()) {
      const integers = quantized.get(names[l]!)!;
      const steps = stepsOf(layers[l]!)!;
      const sum = energy[l]!;
      for (let i = 0; i < real.length; i++) {
        sum.signal += real[i]! ** 2;
        sum.noise += (real[i]! - steps[i % steps.length]! * integers[i]!) ** 2;
      }
    }
  }
  return energy.map(({ signal, noise }, l) => ({
    layer: names[l]!,
    decibels: 10 * Math.log10(signal / noise),
  }));
}

/** Layers with weights or a scale of their own. */
const isMeasured = ({ kind }: Layer): boolean =>
  kind === 'conv' || kind === 'lrn' || kind === 'globalAveragePool';

/** u7 activations of the measured layers. */
function allActivations(engine: Int8Engine, pixels: Uint8Array): Map<string, Uint8Array> {
  const activations = new Map<string, Uint8Array>();
  engine.setPixels(pixels);
  for (const { layer, run } of engine.steps) {
    run();
    if (isMeasured(layer)) activations.set(layer.name, engine.activations(layer.name));
  }
  return activations;
}
