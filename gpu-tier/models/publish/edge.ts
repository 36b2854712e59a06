/**
 * The model that a Worker serves, from `GET /v1/models`.
 * @module
 */
import { HebbError, isPackageName } from '@hebb/model';

export interface EdgeModel {
  readonly name: string;
  readonly version: string;
}

export interface ServedModel extends EdgeModel {
  /** A prefix of the bucket, or `BUILT_IN_SOURCE`. */
  readonly source: string;
}

export interface EdgeState {
  /** The model that it answers with. */
  readonly current: ServedModel;
  /** The published model, if the Worker could not load it. */
  readonly refused?: EdgeModel & { readonly reason: string };
}

const TIMEOUT_MS = 30_000;
/** A model list takes 2 KB. */
const MAX_BYTES = 1 << 20;

/**
 * Throws `download_failed` when there is no answer, or an invalid one.
 * @param edge origin of the Worker: https://hebb.example.com
 */
export async function readEdge(edge: string, fetcher: typeof fetch): Promise<EdgeState> {
  const url = new URL('/v1/models', edge);
  try {
    const response = await fetcher(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES)
      throw new Error('too long');
    const { models, refused } = (await response.json()) as {
      models?: readonly ServedModel[];
      refused?: EdgeState['refused'];
    };
    const current = models?.[0];
    if (!isModel(current)) throw new Error('it names no model');
    const { name, version, source } = current;
    const served = { name, version, source: String(source) };
    return { current: served, ...(isModel(refused) && { refused: refused! }) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HebbError('download_failed', `${url} does not name the current model: ${reason}.`, {
      hint: 'Check the address, and that a Worker of Hebb answers there.',
      cause,
    });
  }
}

// The name comes from the network and becomes part of a path.
const isModel = <Model extends EdgeModel>(model: Model | undefined): model is Model =>
  typeof model?.name === 'string' &&
  isPackageName(model.name) &&
  /^[0-9a-f]{64}$/.test(String(model.version));
