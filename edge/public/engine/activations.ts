import { HebbError } from '../../../shared/model/errors.ts';
import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { Layer } from '../../../shared/model/network/layer.ts';
import type { Int8Engine } from '../../engine/int8/index.ts';
import type { Activations } from './calls.ts';

/**
 * Runs the network up to a layer and reads what it gave: later layers may take the layer's place in
 * memory. Throws `invalid_argument` without pixels or such a layer.
 * @param pixels uint8 RGB [inputSize, inputSize, 3]
 */
export function activationsOf(
  engine: Int8Engine,
  network: Network,
  pixels: Uint8Array | undefined,
  name: string,
): Activations {
  const layer = network.layers.find((one) => one.name === name);
  if (!layer) throw new HebbError('invalid_argument', `The network has no layer "${name}".`);
  if (!pixels) throw new HebbError('invalid_argument', 'No image was classified yet.');
  const [height, width, channels] = layer.shape;
  return { layer: name, height, width, channels, data: outputOf(engine, layer, pixels) };
}

function outputOf(engine: Int8Engine, layer: Layer, pixels: Uint8Array) {
  if (layer.kind === 'input') return pixels;
  const pending = new Set(computing(layer));
  engine.setPixels(pixels);
  for (const step of engine.steps) {
    step.run();
    pending.delete(step.layer.name);
    if (pending.size === 0) break;
  }
  const real = layer.kind === 'linear' || layer.kind === 'softmax';
  return real ? engine.numbers(layer.name) : engine.activations(layer.name);
}

/** The layers whose steps give the layer's output: concatenation and dropout have none of their own. */
function computing({ kind, name, inputs }: Layer): readonly string[] {
  return kind === 'concat' || kind === 'dropout' ? inputs : [name];
}
