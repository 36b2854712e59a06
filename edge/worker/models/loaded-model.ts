/**
 * One model in memory, with its engines. The int8 engine stays; the tfjs engine is loaded on demand and
 * evicted when decoding needs its memory.
 * @module
 */

import type { Engine } from '@hebb/engine';
import { type ErrorCode, HebbError } from '@hebb/model/errors';
import {
  type FileDigest,
  type Manifest,
  PACKAGE_FILES,
  type WeightsFile,
} from '@hebb/model/package/manifest';
import { MAX_MANIFEST_BYTES, parseManifest } from '@hebb/model/package/parse-manifest';
import type { EngineName } from '@hebb/protocol/api/options';
import type { MemoryBudget, Reservation } from '../concurrency/memory-budget.ts';
import { type KeepAlive, SingleFlight } from '../concurrency/single-flight.ts';
import type { EngineLoaders } from '../engine/loaders.ts';
import type { TfjsEngine } from '../engine/tfjs/index.ts';
import { tfjsHeapBytes } from '../engine/tfjs/memory.ts';
import type { PackageFiles } from './files.ts';
import { tensorStream } from './tensor-stream.ts';
import { readVerified, verified } from './verify.ts';

/** The precision that answers name. */
export const PRECISION = { int8: 'int8', tfjs: 'float32' } as const;

const WEIGHTS: Record<EngineName, WeightsFile> = {
  int8: PACKAGE_FILES.int8,
  tfjs: PACKAGE_FILES.f32,
};

export interface LoadedModelOptions {
  readonly loaders: EngineLoaders;
  /** The budget that the tfjs engine lives in. */
  readonly memory: MemoryBudget;
  /** Longest wait of a request for loading that another one started, ms. */
  readonly patienceMs: number;
}

export class LoadedModel {
  readonly manifest: Manifest;
  readonly files: PackageFiles;
  readonly #options: LoadedModelOptions;
  readonly #loading: Record<EngineName, SingleFlight<void>>;
  readonly #engines: { int8?: Engine; tfjs?: TfjsEngine } = {};
  #tfjsPlace: Reservation | undefined;
  #dropped = false;

  constructor(manifest: Manifest, files: PackageFiles, options: LoadedModelOptions) {
    this.manifest = manifest;
    this.files = files;
    this.#options = options;
    this.#loading = {
      int8: new SingleFlight('the int8 engine', options.patienceMs),
      tfjs: new SingleFlight('the tfjs engine', options.patienceMs),
    };
  }

  /** Reads the manifest; engines are loaded on first use. */
  static async open(files: PackageFiles, options: LoadedModelOptions): Promise<LoadedModel> {
    const decoder = new TextDecoder();
    let json = '';
    let bytes = 0;
    for await (const chunk of files.open(PACKAGE_FILES.manifest)) {
      bytes += chunk.byteLength;
      if (bytes > MAX_MANIFEST_BYTES) throw manifestTooLong(files);
      json += decoder.decode(chunk, { stream: true });
    }
    return new LoadedModel(parseManifest(json + decoder.decode()), files, options);
  }

  /** Engines whose weights the package has. */
  get engineNames(): EngineName[] {
    const names = Object.keys(WEIGHTS) as EngineName[];
    return names.filter((name) => this.manifest.files[WEIGHTS[name]]);
  }

  /**
   * Probabilities, float32 [classes], of uint8 RGB [inputSize, inputSize, 3]. Loads the engine if
   * necessary. Throws `engine_unavailable`, `model_unavailable`, `overloaded`.
   */
  async classify(name: EngineName, pixels: Uint8Array, keepAlive: KeepAlive) {
    await this.load(name, keepAlive);
    for (;;) {
      // No await between here and running the engine: it could be evicted meanwhile.
      const engine = this.#engines[name];
      if (engine) return engine.classify(pixels);
      await this.load(name, keepAlive);
    }
  }

  async load(name: EngineName, keepAlive: KeepAlive): Promise<void> {
    if (this.#engines[name]) return;
    if (this.#dropped) {
      throw new HebbError('model_unavailable', 'Another model has just replaced this one.', {
        hint: 'Send the request again.',
      });
    }
    const work = name === 'int8' ? () => this.#loadInt8() : () => this.#loadTfjs();
    try {
      await this.#loading[name].run(work, keepAlive);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Bytes of the engine; 0 while it is not loaded. */
  memoryBytes(name: EngineName): number {
    return this.#engines[name]?.memoryBytes() ?? 0;
  }

  /** Frees the tfjs engine, when another model replaces this one; requests in progress may finish. */
  dispose(): void {
    this.#tfjsPlace?.release();
    this.#engines.tfjs?.dispose();
    delete this.#engines.tfjs;
  }

  /** Frees all memory: requests in progress fail with `model_unavailable`. */
  drop(): void {
    this.#dropped = true;
    this.dispose();
    delete this.#engines.int8;
  }

  async #loadInt8(): Promise<void> {
    const digest = this.#digest('int8');
    const file = this.files.open(PACKAGE_FILES.int8, digest.bytes);
    const weights = await readVerified(file, digest, PACKAGE_FILES.int8);
    this.#engines.int8 = this.#options.loaders.int8(this.manifest, weights);
  }

  async #loadTfjs(): Promise<void> {
    const digest = this.#digest('tfjs');
    const bytes = tfjsHeapBytes(this.manifest.network);
    const { memory } = this.#options;
    if (bytes > memory.capacityBytes) throw tooLargeForTfjs(bytes, memory.capacityBytes);
    const place = await memory.reserve(bytes);
    try {
      const file = this.files.open(PACKAGE_FILES.f32, digest.bytes);
      const tensors = tensorStream(verified(file, digest, PACKAGE_FILES.f32));
      const engine = await this.#options.loaders.tfjs(this.manifest, tensors);
      this.#engines.tfjs = engine;
      this.#tfjsPlace = place;
      place.holdUntilNeeded(() => {
        delete this.#engines.tfjs;
        engine.dispose();
      });
    } catch (error) {
      place.release();
      throw error;
    }
  }

  #digest(name: EngineName): FileDigest {
    const digest = this.manifest.files[WEIGHTS[name]];
    if (digest) return digest;
    throw new HebbError('engine_unavailable', `The model has no ${PRECISION[name]} weights.`, {
      hint: `Leave out ?engine=, or choose one of: ${this.engineNames.join(', ')}.`,
    });
  }
}

const manifestTooLong = ({ description }: PackageFiles) =>
  new HebbError(
    'invalid_package',
    `The manifest of ${description} has more than ${MAX_MANIFEST_BYTES} bytes.`,
  );

const tooLargeForTfjs = (bytes: number, capacity: number) => {
  const [takes, has] = [bytes, capacity].map((n) => `${(n / 1e6).toFixed(1)} MB`);
  return new HebbError(
    'engine_unavailable',
    `The float32 engine of this model needs ${takes}; this service has ${has} for it.`,
    { hint: 'Leave out ?engine=, or ask the GPU tier: ?tier=gpu.' },
  );
};

/** Errors that are meaningful to the caller as they are. */
const PASSED_ON: readonly ErrorCode[] = ['model_unavailable', 'engine_unavailable', 'overloaded'];

/** Wraps other errors of loading a package: they are not the caller's fault. */
export function asUnavailable(cause: unknown): HebbError {
  if (cause instanceof HebbError && PASSED_ON.includes(cause.code)) return cause;
  const known = cause instanceof HebbError;
  const event = { level: 'error', event: 'model_not_loaded', cause: String(cause) };
  console.error(JSON.stringify(event));
  const reason = known ? cause.message : 'an unexpected error, which the service has logged.';
  return new HebbError('model_unavailable', `The model cannot be loaded: ${reason}`, { cause });
}
