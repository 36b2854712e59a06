/**
 * The engine's calls, carried out.
 * @module
 */

import { predictionsOf, round } from '../../../shared/model/api/predictions.ts';
import { HebbError } from '../../../shared/model/errors.ts';
import { activationsOf } from './activations.ts';
import type { Calls, EngineImage } from './calls.ts';
import { inputOf } from './decode.ts';
import { ServedModel } from './model.ts';
import { occlusionMap } from './occlusion.ts';
import { toImageData, toRgb } from './pixels.ts';
import { Turns } from './turns.ts';

interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export class Service {
  readonly #model: ServedModel;
  /** uint8 RGB [inputSize, inputSize, 3], of the image that was classified last. */
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
          ...{ name, version, variant, classes, inputSize, preprocessing },
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
        return {
          predictions: predictionsOf(manifest.labels, probabilities, top),
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
