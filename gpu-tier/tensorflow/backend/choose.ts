/**
 * Chooses what the tier computes with: native TensorFlow on a GPU, native TensorFlow on the CPU, or tfjs on
 * WebAssembly; the first that runs on this machine.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { Native } from '../native/ensure.ts';
import type { Installation } from '../native/installation.ts';
import type { Probe } from '../native/probe-process.ts';

/** Values of `--backend`. */
export const BACKENDS = ['auto', 'native', 'wasm'] as const;
export type BackendRequest = (typeof BACKENDS)[number];

export type Backend =
  | {
      readonly kind: 'native-gpu' | 'native-cpu';
      /** Why this backend was chosen, for `/v2` and the log. */
      readonly reason: string;
      readonly installation: Installation;
      /** libtensorflow's version. */
      readonly tensorflow: string;
    }
  | {
      readonly kind: 'wasm';
      readonly reason: string;
      /** Why the native library is not used; missing if it was not requested. */
      readonly native?: NativeState;
    };

/** `absent`: not installed, and it cannot be. `unusable`: installed, but does not run here. */
export type NativeState = 'absent' | 'unusable';

export interface ChooseOptions {
  readonly request: BackendRequest;
  /** Throws instead of falling back to WASM. */
  readonly required?: boolean;
  /** Finds or installs the library; not called for `wasm`. */
  readonly native: () => Promise<Native>;
  /** Runs the addon once (`probeAddon`); its error is the reason not to use it. */
  readonly probe: (addon: string) => Promise<Probe>;
  /** The names of the NVIDIA GPUs that the driver shows. */
  readonly gpus: () => Promise<readonly string[]>;
}

/**
 * Chooses the backend and gives the reason. If the native backend was requested by name or is required, throws
 * `native_unavailable` when there is none, and `native_unusable` when the installed one does not run.
 */
export async function chooseBackend(options: ChooseOptions): Promise<Backend> {
  if (options.request === 'wasm') {
    if (!options.required) return { kind: 'wasm', reason: 'asked for by --backend wasm' };
    throw new HebbError(
      'invalid_argument',
      '--backend wasm and --require-native contradict each other.',
      { hint: 'Omit one of them; --no-require-native undoes the latter.' },
    );
  }
  const native = await options.native().catch(unusable);
  if (native.kind !== 'ready') {
    const state = native.kind === 'unusable' ? 'unusable' : 'absent';
    return fallBack(options, state, native.reason, native.fix);
  }
  const { installation } = native;
  let probe: Probe;
  try {
    probe = await options.probe(installation.addon);
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return fallBack(options, 'unusable', error.message, error.hint);
  }
  const { tensorflow, gpu } = probe;
  const kind = gpu ? 'native-gpu' : 'native-cpu';
  const reason = await explain(installation, probe, options);
  return { kind, reason, installation, tensorflow };
}

/** The error of an installation that cannot be read, as a value. */
function unusable(error: unknown): Native {
  if (!(error instanceof HebbError) || error.code !== 'native_unusable') throw error;
  return { kind: 'unusable', reason: error.message, fix: error.hint };
}

function fallBack(
  { request, required }: ChooseOptions,
  native: NativeState,
  reason: string,
  fix: string,
): Backend {
  if (request === 'native' || required) {
    const code = native === 'unusable' ? 'native_unusable' : 'native_unavailable';
    throw new HebbError(code, reason, { hint: fix });
  }
  const what = native === 'unusable' ? 'TensorFlow is installed and not used' : NO_NATIVE;
  return { kind: 'wasm', reason: `${what}: ${reason} ${fix}`, native };
}

const NO_NATIVE = 'no native TensorFlow';

async function explain(
  { flavour, kernels, noKernels }: Installation,
  { tensorflow, gpu }: Probe,
  { gpus }: ChooseOptions,
): Promise<string> {
  const [first] = await gpus();
  if (gpu) return `TensorFlow ${tensorflow} runs on ${first ?? 'a GPU'}`;
  const without = noKernels ? `; our own kernels are not used: ${noKernels}` : '';
  const own = kernels ? ', our own kernels' : without;
  const cpu = `TensorFlow ${tensorflow} runs on the CPU (oneDNN${own})`;
  if (first && flavour === 'cpu') return `${cpu}; for ${first}: hebb native install --gpu`;
  if (first) return `${cpu}; it cannot use ${first}: see hebb doctor`;
  return `${cpu}; there is no NVIDIA GPU`;
}
