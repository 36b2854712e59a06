/**
 * The served models by name: loading, replacing and unloading them.
 * @module
 */
import { HebbError } from '@hebb/model';
import type { Repository } from './repository.ts';
import type { ServedModel } from './served-model.ts';

export interface ModelState {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  /** Why it is not ready, or why the last reload failed. */
  readonly reason: string;
}

export interface Models {
  list(): readonly ServedModel[];
  /**
   * Throws `model_unavailable` while the model is loaded for the first time, otherwise `model_not_found`.
   * @param version a digest, or at least its first 7 characters
   */
  get(name: string, version?: string): ServedModel;
  /**
   * Loads or reloads a model, optionally in this version. The old model serves until the new one is warm.
   */
  load(name: string, version?: string): Promise<ServedModel>;
  unload(name: string): Promise<void>;
  /** All models that are served or could be loaded. */
  index(): Promise<ModelState[]>;
  close(): Promise<void>;
}

const SHORTEST_VERSION = 7;

export function createModels(
  repository: Repository,
  serve: (dir: string) => Promise<ServedModel>,
): Models {
  const served = new Map<string, ServedModel>();
  const reasons = new Map<string, string>();
  /** Loads per name, running or queued. */
  const loading = new Map<string, number>();
  /** Closing models. */
  const leaving = new Set<Promise<void>>();
  let turn: Promise<unknown> = Promise.resolve();

  /** Serialises changes: two loads of one model must not race. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = turn.then(change);
    turn = result.catch(() => {});
    return result;
  }
  function retire(model: ServedModel): void {
    const gone = model.close().finally(() => leaving.delete(gone));
    leaving.add(gone);
  }
  const missing = (name: string) =>
    new HebbError('model_not_found', `There is no model ${name} here.`, {
      hint: 'GET /v2 lists the served models, POST /v2/repository/index all that can be loaded.',
    });

  return {
    list: () => [...served.values()],
    get(name, version) {
      const model = served.get(name);
      if (!model && loading.has(name)) {
        const message = `The model ${name} is being loaded.`;
        throw new HebbError('model_unavailable', message, {
          hint: `Retry after the seconds in Retry-After, or poll GET /v2/models/${name}/ready.`,
        });
      }
      if (!model) throw missing(name);
      const known =
        version === undefined ||
        (version.length >= SHORTEST_VERSION && model.manifest.version.startsWith(version));
      if (known) return model;
      throw new HebbError('model_not_found', `${name} is served in another version.`, {
        hint: `GET /v2/models/${name} shows the version.`,
      });
    },
    async load(name, version) {
      loading.set(name, (loading.get(name) ?? 0) + 1);
      try {
        return await inTurn(async () => {
          const { dir } = await repository.find(name, version);
          const model = await serve(dir);
          const old = served.get(name);
          served.set(name, model);
          reasons.delete(name);
          if (old) retire(old);
          return model;
        });
      } catch (error) {
        reasons.set(name, `loading failed: ${(error as Error).message}`);
        throw error;
      } finally {
        const others = loading.get(name)! - 1;
        if (others > 0) loading.set(name, others);
        else loading.delete(name);
      }
    },
    unload: (name) =>
      inTurn(async () => {
        const model = served.get(name);
        if (!model) throw missing(name);
        served.delete(name);
        reasons.set(name, 'unloaded');
        retire(model);
      }),
    async index() {
      const states = new Map<string, ModelState>();
      for (const { name, reason } of await repository.broken()) {
        states.set(name, { name, version: '', state: 'UNAVAILABLE', reason: `broken: ${reason}` });
      }
      for (const { manifest } of await repository.list()) {
        const { name, version } = manifest;
        const reason = loading.has(name) ? 'loading' : (reasons.get(name) ?? 'not loaded');
        states.set(name, { name, version, state: 'UNAVAILABLE', reason });
      }
      for (const model of served.values()) {
        const { name, version } = model.manifest;
        const ready = model.isReady();
        const reason = reasons.get(name) ?? (ready ? '' : 'its process is being started');
        states.set(name, { name, version, state: ready ? 'READY' : 'UNAVAILABLE', reason });
      }
      return [...states.values()];
    },
    async close() {
      await turn;
      for (const model of served.values()) retire(model);
      served.clear();
      await Promise.all(leaving);
    },
  };
}
