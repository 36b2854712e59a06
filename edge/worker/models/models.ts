/**
 * The model that this isolate serves: the published one that the registry points to, or the built-in one.
 * When the pointer moves, the new model is loaded while the old one keeps answering, and replaces it
 * after classifying the warm-up image.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { contentVersion } from '@hebb/model/package/manifest';
import { NO_RELEASES, type Release, type Releases } from '@hebb/model/package/releases';
import type { Reservation } from '../concurrency/memory-budget.ts';
import { type KeepAlive, SingleFlight } from '../concurrency/single-flight.ts';
import type { PackageFiles } from './files.ts';
import { asUnavailable, LoadedModel, type LoadedModelOptions } from './loaded-model.ts';
import { Refusal, type RefusalOptions, type Refused } from './refusal.ts';
import type { ModelRegistry } from './registry.ts';

export interface ModelsOptions extends LoadedModelOptions, RefusalOptions {
  readonly registry: ModelRegistry;
  readonly builtIn: PackageFiles;
  readonly published: (prefix: string) => PackageFiles;
  /** Classifies an image with a model that has just been loaded; throws if that fails. */
  readonly warmUp: (model: LoadedModel, keepAlive: KeepAlive) => Promise<void>;
}

interface Served {
  readonly key: string;
  readonly model: LoadedModel;
}

export class Models {
  readonly #options: ModelsOptions;
  readonly #loading: SingleFlight<LoadedModel>;
  readonly #refusal: Refusal;
  #served: Served | undefined;

  constructor(options: ModelsOptions) {
    this.#options = options;
    this.#loading = new SingleFlight('the model', options.patienceMs);
    this.#refusal = new Refusal(options);
  }

  /** The model in memory, if any. */
  get loaded(): LoadedModel | undefined {
    return this.#served?.model;
  }

  /** The published model that should be served but could not be loaded. */
  get refused(): Refused | undefined {
    return this.#refusal.refused;
  }

  /**
   * The model to answer with, warmed up. A newly published one is loaded in the background while the
   * previous one answers, and keeps answering if that fails. Only the first request of an isolate waits;
   * if the current model cannot be loaded then, the previous or the built-in one answers. Throws
   * `model_unavailable` if none can be loaded.
   */
  async current(keepAlive: KeepAlive): Promise<LoadedModel> {
    const releases = (await this.#releases()) ?? NO_RELEASES;
    const wanted = keyOf(releases.current);
    if (this.#served?.key === wanted) this.#refusal.clear();
    else if (this.#served && this.#refusal.mayTry(attemptOf(releases.current))) {
      const replacing = this.#loading.run(() => this.#next(releases, keepAlive), keepAlive);
      keepAlive(replacing.catch(() => {}));
    }
    // Not loaded yet, or dropped to make room for its successor (`#beside`): this request waits.
    if (!this.#served) {
      return await this.#loading.run(() => this.#first(releases, keepAlive), keepAlive);
    }
    return this.#served.model;
  }

  async #releases(): Promise<Releases | undefined> {
    try {
      return await this.#options.registry.releases();
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Replaces the model by the current one; falls back to others if the old one was dropped for it. */
  async #next(releases: Releases, keepAlive: KeepAlive): Promise<LoadedModel> {
    try {
      return await this.#replace(releases.current, keepAlive);
    } catch (error) {
      if (this.#served) throw error;
      return await this.#first(releases, keepAlive, error);
    }
  }

  /**
   * The first model of this isolate: the current one, else the previous, else the built-in.
   * @param failure of the current one, if it has been tried
   */
  async #first(
    { current, before }: Releases,
    keepAlive: KeepAlive,
    failure?: unknown,
  ): Promise<LoadedModel> {
    const rest = [before[0] ?? null, null];
    for (const release of new Set(failure ? rest : [current, ...rest])) {
      try {
        return await this.#replace(release, keepAlive, release === current);
      } catch (error) {
        failure ??= error;
      }
    }
    throw asUnavailable(failure);
  }

  /** @param refusable whether it is the model that the registry points to */
  async #replace(release: Release | null, keepAlive: KeepAlive, refusable = true) {
    const key = keyOf(release);
    try {
      const model = await this.#beside(() => this.#load(release, keepAlive));
      this.#served?.model.dispose();
      this.#served = { key, model };
      if (refusable) this.#refusal.clear();
      return model;
    } catch (error) {
      const reason = error instanceof HebbError ? error.message : String(error);
      const code = error instanceof HebbError ? error.code : 'internal';
      const { name, version } = release ?? {};
      const fields = { level: 'error', event: 'model_refused', model: name, version, code, reason };
      console.error(JSON.stringify(fields));
      if (refusable) {
        this.#refusal.note(
          attemptOf(release),
          release ? { name: name!, version: version!, code, reason } : undefined,
        );
      }
      throw error;
    }
  }

  /**
   * Loads with two models in memory at a time: the memory of the second is reserved from decoding. If
   * there is not enough, the old model is dropped first and requests wait for the new one, so that every
   * model can be replaced, however large it is and however busy the isolate.
   */
  async #beside(load: () => Promise<LoadedModel>): Promise<LoadedModel> {
    const room = await this.#room();
    try {
      return await load();
    } finally {
      room?.release();
    }
  }

  async #room(): Promise<Reservation | undefined> {
    const old = this.#served?.model;
    const bytes = old?.memoryBytes('int8') ?? 0;
    if (!old || bytes === 0) return undefined;
    const { memory } = this.#options;
    let why = `it needs ${bytes} of the ${memory.capacityBytes} bytes of decoding`;
    if (bytes <= memory.capacityBytes) {
      try {
        return await memory.reserve(bytes);
      } catch (error) {
        if (!(error instanceof HebbError && error.code === 'overloaded')) throw error;
        why = error.message;
      }
    }
    const { name: model, version } = old.manifest;
    console.warn(JSON.stringify({ level: 'warn', event: 'model_dropped', model, version, why }));
    old.drop();
    this.#served = undefined;
    return undefined;
  }

  async #load(release: Release | null, keepAlive: KeepAlive): Promise<LoadedModel> {
    const { builtIn, published, warmUp } = this.#options;
    const files = release ? published(release.prefix) : builtIn;
    const model = await LoadedModel.open(files, this.#options);
    const { version } = model.manifest;
    if (release && release.version !== version) {
      throw invalid(files, `has version ${version}, but the registry has ${release.version}`);
    }
    if ((await contentVersion(model.manifest)) !== version) {
      throw invalid(files, 'does not match its version, which is a digest of the content');
    }
    if (model.engineNames.includes('int8')) {
      this.#options.loaders.checkInt8(model.manifest); // before its weights are fetched
      await model.load('int8', keepAlive);
    }
    await warmUp(model, keepAlive);
    return model;
  }
}

const keyOf = (release: Release | null): string =>
  release ? `${release.prefix} ${release.version}` : '';

/** With the time of publication: a refused model that is published again is tried at once. */
const attemptOf = (release: Release | null): string => `${keyOf(release)} ${release?.publishedAt}`;

const invalid = ({ description }: PackageFiles, what: string) =>
  new HebbError('invalid_package', `The manifest of ${description} ${what}.`);
