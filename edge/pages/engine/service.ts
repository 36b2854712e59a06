/**
 * Carries out the engine's calls in the Web Worker.
 * @module
 */

import type { Int8Engine } from '@hebb/engine';
import { HebbError } from '@hebb/model/errors';
import type { Network } from '@hebb/model/network/googlenet';
import { isReal, type Layer } from '@hebb/model/network/layer';
import { labelsOf, predictionsOf, round } from '@hebb/protocol/api/predictions';
import type { Activations, Calls, EngineImage } from './calls.ts';
import { inputOf } from './decode.ts';
import { ServedModel } from './model.ts';
import { occlusionMap } from './occlusion.ts';
import { toImageData, toRgb } from './pixels.ts';

interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export class Service {
  readonly #model: ServedModel;
  /** uint8 RGB [inputSize, inputSize, 3] of the image that was classified last. */
  #last: Uint8Array | undefined;

  constructor(key: string | undefined) {
    this.#model = new ServedModel(key);
  }

  calls({ signal, onProgress }: CallContext): Calls {
    return {
      info: async () => {
        const { manifest } = await this.#model.engine();
        const { name, version, network, preprocessing, labels } = manifest;
        const { variant, classes, inputSize } = network;
        return {
          name,
          version,
          variant,
          classes,
          inputSize,
          preprocessing,
          labels: labels.map((label) => label.name),
        };
      },

      crop: async (image) => toImageData(await this.#input(image)),

      classify: async (image, { top }) => {
        const { engine, manifest } = await this.#model.engine();
        const began = performance.now();
        const pixels = await this.#input(image);
        const decoded = performance.now();
        const probabilities = engine.classify(pixels);
        const ended = performance.now();
        this.#last = pixels;
        const labels = labelsOf(manifest, probabilities);
        return {
          predictions: predictionsOf(manifest.labels, probabilities, top),
          ...(labels && { labels }),
          timing: {
            decode_ms: round(decoded - began, 10),
            infer_ms: round(ended - decoded, 10),
          },
        };
      },

      occlusion: async (image, { label }) => {
        const { engine, manifest } = await this.#model.engine();
        if (!manifest.labels[label]) {
          throw new HebbError('invalid_argument', `The model has no label ${label}.`);
        }
        const input = await this.#input(image);
        const turns = new Turns();
        const map = await occlusionMap(input, {
          size: engine.inputSize,
          colour: manifest.preprocessing.mean,
          score: (pixels) => engine.classify(pixels)[label]!,
          async onProgress(done, total) {
            if (!(await turns.give())) return;
            signal.throwIfAborted();
            onProgress(done, total);
          },
        });
        return { ...map, input: toImageData(input) };
      },

      activations: async (layer) => {
        const { engine, network } = await this.#model.engine();
        return activationsOf(engine, network, this.#last, layer);
      },
    };
  }

  async #input(image: EngineImage): Promise<Uint8Array> {
    const { preprocessing } = await this.#model.manifest();
    const { crop } = preprocessing;
    const asIs = 'data' in image && image.width === crop && image.height === crop;
    return asIs ? toRgb(image) : await inputOf(image, preprocessing);
  }
}

/** How long the Web Worker may be busy before it handles messages again, ms. */
const TURN_MS = 50;

/** Lets a long computation handle messages now and then: a cancellation, another call. */
class Turns {
  #since = performance.now();

  /** Handles messages if the time has come. @returns whether it had */
  async give(): Promise<boolean> {
    if (performance.now() - this.#since < TURN_MS) return false;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
    return true;
  }
}

/**
 * Runs the network up to a layer and copies its output; later layers may reuse the layer's memory.
 * @param pixels uint8 RGB [inputSize, inputSize, 3]
 * @throws `invalid_argument` without pixels, and for an unknown layer
 */
function activationsOf(
  engine: Int8Engine,
  network: Network,
  pixels: Uint8Array | undefined,
  name: string,
): Activations {
  const layer = network.layers.find((one) => one.name === name);
  if (!layer) throw new HebbError('invalid_argument', `The network has no layer "${name}".`);
  if (!pixels) throw new HebbError('invalid_argument', 'No image has been classified yet.');
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
  return isReal(layer) ? engine.numbers(layer.name) : engine.activations(layer.name);
}

/** The layers whose steps compute a layer's output: concatenation and dropout have no step of their own. */
function computing({ kind, name, inputs }: Layer): readonly string[] {
  return kind === 'concat' || kind === 'dropout' ? inputs : [name];
}
