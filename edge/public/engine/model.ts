/**
 * The model that the Worker serves now, fetched and checked: the digests in its manifest are those of
 * its files, and its version that of the manifest.
 * @module
 */
import { errorOf, unreachable } from '../../../shared/model/client/service-error.ts';
import { HebbError } from '../../../shared/model/errors.ts';
import { googlenet, type Network } from '../../../shared/model/network/googlenet.ts';
import {
  contentVersion,
  type Manifest,
  PACKAGE_FILES,
  sha256,
} from '../../../shared/model/package/manifest.ts';
import { type Int8Engine, loadEngine, supportsRelaxedSimd } from '../../engine/int8/index.ts';
import { unsupported } from './unsupported.ts';

export interface LoadedEngine {
  readonly manifest: Manifest;
  readonly network: Network;
  readonly engine: Int8Engine;
}

/** Each part is fetched when it is first needed, and once, unless that failed. */
export class ServedModel {
  readonly #key: string | undefined;
  #manifest: Promise<Manifest> | undefined;
  #engine: Promise<LoadedEngine> | undefined;

  /** @param key an API key, where the service asks for one */
  constructor(key: string | undefined) {
    this.#key = key;
  }

  async manifest(): Promise<Manifest> {
    this.#manifest ??= this.#fetchManifest();
    try {
      return await this.#manifest;
    } catch (error) {
      this.#manifest = undefined;
      throw error;
    }
  }

  async engine(): Promise<LoadedEngine> {
    this.#engine ??= this.#load();
    try {
      return await this.#engine;
    } catch (error) {
      this.#engine = undefined;
      throw error;
    }
  }

  async #fetchManifest(): Promise<Manifest> {
    if (!isSecureContext) throw unsupported('checks no digests without https');
    const version = await currentVersion();
    const url = fileUrl(version, PACKAGE_FILES.manifest);
    // No more checks of what is in it: the Worker has read it, and its version is a digest of that.
    const bytes = await fetchFile(url, this.#key);
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
    if (manifest.version !== version || (await contentVersion(manifest)) !== version) {
      throw new HebbError('invalid_package', 'The manifest is not the one of this version.');
    }
    return manifest;
  }

  /** When another model is published just now, the one that was current is not served any more. */
  async #load(): Promise<LoadedEngine> {
    try {
      return await this.#loadCurrent();
    } catch (error) {
      if (!(error instanceof HebbError && error.code === 'model_not_found')) throw error;
      this.#manifest = undefined;
      return await this.#loadCurrent();
    }
  }

  async #loadCurrent(): Promise<LoadedEngine> {
    const manifest = await this.manifest();
    const [module, weights] = await Promise.all([compileKernels(), this.#weights(manifest)]);
    const network = googlenet({ ...manifest.network, folded: true });
    return { manifest, network, engine: loadEngine(module, manifest.network, weights) };
  }

  async #weights({ files, version }: Manifest): Promise<Uint8Array<ArrayBuffer>> {
    const digest = files[PACKAGE_FILES.int8];
    if (!digest)
      throw new HebbError('engine_unavailable', 'The model has no int8 weights.', {
        hint: 'Use the edge.',
      });
    const weights = await fetchFile(fileUrl(version, PACKAGE_FILES.int8), this.#key);
    if (weights.length === digest.bytes && (await sha256(weights)) === digest.sha256)
      return weights;
    throw new HebbError('checksum_mismatch', 'The weights that came are not the model’s.', {
      hint: 'Load the page again.',
    });
  }
}

async function currentVersion(): Promise<string> {
  const answer = new TextDecoder().decode(await fetchFile('/v1/models'));
  const { models } = JSON.parse(answer) as { models: { version: string; current: boolean }[] };
  return models.find(({ current }) => current)!.version; // without any it answers an error
}

const fileUrl = (version: string, file: string) => `/v1/models/${version}/files/${file}`;

async function compileKernels(): Promise<WebAssembly.Module> {
  const build = supportsRelaxedSimd() ? 'relaxed' : 'simd128';
  const wasm = await fetchFile(`/assets/kernels/${build}.wasm`);
  try {
    return await WebAssembly.compile(wasm);
  } catch (cause) {
    throw unsupported('has no WebAssembly with SIMD', cause);
  }
}

/** The file at a path of the service. Throws what the service answers, or `edge_unreachable`. */
async function fetchFile(path: string, key?: string): Promise<Uint8Array<ArrayBuffer>> {
  const { origin } = globalThis.location;
  const headers = { ...(key !== undefined && { Authorization: `Bearer ${key}` }) };
  let response: Response;
  try {
    response = await fetch(path, { headers });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw unreachable(origin, cause);
  }
  throw await errorOf(response, origin);
}
