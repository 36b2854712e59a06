/**
 * What the tier computes on: native TensorFlow on a GPU, native TensorFlow on the CPU, or tfjs on
 * WebAssembly; the first that runs here.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { Native } from '../native/ensure.ts';
import type { Installation } from '../native/installation.ts';
import type { Probe } from '../native/probe.ts';

/** What `--backend` takes. */
export const BACKENDS = ['auto', 'native', 'wasm'] as const;
export type BackendRequest = (typeof BACKENDS)[number];

export type Backend =
  | {
      readonly kind: 'native-gpu' | 'native-cpu';
      /** One sentence for `/v2` and the log. */
      readonly reason: string;
      readonly installation: Installation;
      /** libtensorflow's version. */
      readonly tensorflow: string;
    }
  | { readonly kind: 'wasm'; readonly reason: string };

export interface ChooseOptions {
  readonly request: BackendRequest;
  /** Called unless the request is wasm. */
  readonly native: () => Promise<Native>;
  /** Runs the addon once, see `probeAddon`; what it throws is the reason not to take it. */
  readonly probe: (addon: string) => Promise<Probe>;
  /** The names of the NVIDIA GPUs that the driver shows. */
  readonly gpus: () => Promise<readonly string[]>;
}

/**
 * Chooses the backend and says why. Throws `native_unavailable` when the native one was asked for
 * by name and does not run.
 */
export async function chooseBackend(options: ChooseOptions): Promise<Backend> {
  if (options.request === 'wasm') return { kind: 'wasm', reason: 'asked for by --backend wasm' };
  const native = await options.native();
  if (native.kind === 'unavailable') return fallBack(options, native.reason, native.fix);
  const { installation } = native;
  let probe: Probe;
  try {
    probe = await options.probe(installation.addon);
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return fallBack(options, error.message, error.hint);
  }
  const { tensorflow, gpu } = probe;
  const kind = gpu ? 'native-gpu' : 'native-cpu';
  const reason = await explain(installation, probe, options);
  return { kind, reason, installation, tensorflow };
}

function fallBack({ request }: ChooseOptions, reason: string, fix: string): Backend {
  if (request === 'native') throw new HebbError('native_unavailable', reason, { hint: fix });
  return { kind: 'wasm', reason: `no native TensorFlow: ${reason} ${fix}` };
}

async function explain(
  { flavour, kernels }: Installation,
  { tensorflow, gpu }: Probe,
  { gpus }: ChooseOptions,
): Promise<string> {
  const [first] = await gpus();
  if (gpu) return `TensorFlow ${tensorflow} runs on ${first ?? 'a GPU'}`;
  const cpu = `TensorFlow ${tensorflow} runs on the CPU (oneDNN${kernels ? ', our own kernels' : ''})`;
  if (first && flavour === 'cpu') return `${cpu}; for ${first}: hebb native install --gpu`;
  if (first) return `${cpu}; it cannot use ${first}: see hebb doctor`;
  return `${cpu}; there is no NVIDIA GPU`;
}
