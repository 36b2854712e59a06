import { type BackendRequest, chooseBackend } from '@hebb/tensorflow/backend/choose';
import { type RunnerBackend, runnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation, nativeEnvironment } from '@hebb/tensorflow/native/installation';
import { listGpus } from '@hebb/tensorflow/native/nvidia';
import { probeAddon } from '@hebb/tensorflow/native/probe';

/**
 * The float32 backend of this process: native TensorFlow where it is installed, else WebAssembly,
 * which gives the same answers more slowly. Downloads nothing.
 * @param cache folder of installed native libraries
 */
export async function evaluationBackend(
  request: BackendRequest,
  {
    cache,
    env,
  }: { readonly cache: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<RunnerBackend> {
  const backend = await chooseBackend({
    request,
    native: async () => {
      const installation = await findInstallation(cache, thisHost());
      if (installation) return { kind: 'ready', installation };
      const reason = 'It is not installed.';
      return { kind: 'unavailable', reason, fix: 'Run hebb native install.' };
    },
    probe: (addon) => probeAddon(addon, env),
    gpus: async () => (await listGpus(env)).map(({ name }) => name),
  });
  if (backend.kind === 'wasm') return backend;
  // TensorFlow reads these variables when the library is loaded into this process, later on.
  Object.assign(process.env, nativeEnvironment(env));
  return runnerBackend(backend);
}
