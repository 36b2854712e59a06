/**
 * Fetches and verifies the model that the Worker serves: its version is the manifest's digest, and the
 * manifest holds its files' digests.
 * @module
 */
import { errorOf, unreachable } from '@hebb/client/service-error';
import { type Int8Engine, loadEngine, supportsRelaxedSimd } from '@hebb/engine';
import { HebbError } from '@hebb/model/errors';
import { googlenet, type Network } from '@hebb/model/network/googlenet';
import { contentVersion, type Manifest, PACKAGE_FILES, sha256 } from '@hebb/model/package/manifest';
import { unsupported } from './unsupported.ts';

export interface LoadedEngine {
  readonly manifest: Manifest;
  readonly network: Network;
  readonly engine: Int8Engine;
}

/** Fetches each part once, when it is first needed; after a failure the next call tries again. */
export class ServedModel {
  readonly #key: string | undefined;
  #manifest: Promise<Manifest> | undefined;
  #engine: Promise<LoadedEngine> | undefined;

  /** @param key an API key, if the service requires one */
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
    if (!isSecureContext) throw unsupported('computes digests only over https');
    const version = await currentVersion();
    const url = fileUrl(version, PACKAGE_FILES.manifest);
    // Its content is not validated: the Worker has done that, and the version is a digest of the content.
    const bytes = await fetchFile(url, this.#key);
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
    if (manifest.version !== version || (await contentVersion(manifest)) !== version) {
      throw new HebbError('invalid_package', 'The manifest does not match its version.');
    }
    return manifest;
  }

  /** Tries again once if the model was replaced between two requests. */
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
    throw new HebbError('checksum_mismatch', 'The received weights are not the model’s.', {
      hint: 'Reload the page.',
    });
  }
}

async function currentVersion(): Promise<string> {
  const answer = new TextDecoder().decode(await fetchFile('/v1/models'));
  const { models } = JSON.parse(answer) as { models: { version: string; current: boolean }[] };
  return models.find(({ current }) => current)!.version; // there is one, or the answer is an error
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

/** Fetches a file of the service. @throws the service's error, or `edge_unreachable` */
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
