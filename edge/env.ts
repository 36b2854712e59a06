import type { AssetStore, ObjectStore } from './models/files.ts';
import type { KeyValueStore } from './models/registry.ts';

/** The Worker's bindings, as wrangler.toml names them; each by what is used of it. */
export interface Env {
  /** Static assets: the built-in model. */
  readonly ASSETS: AssetStore;
  /** R2: published models. */
  readonly MODELS: ObjectStore;
  /** KV: which published model is current. */
  readonly REGISTRY: KeyValueStore;
  /** How long a model pointer is taken as current, ms; LIMITS.pointerAgeMs without it. */
  readonly HEBB_POINTER_AGE_MS?: string;
  /** "1" shows /debug/memory. */
  readonly HEBB_DEBUG?: string;
}
