import { type BackendRequest, chooseBackend } from '../backend/choose.ts';
import { type RunnerBackend, runnerBackend } from '../backend/create-runner.ts';
import { thisHost } from '../native/host.ts';
import { findInstallation, nativeEnvironment } from '../native/installation.ts';
import { listGpus } from '../native/nvidia.ts';
import { probeAddon } from '../native/probe.ts';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';

/**
 * What float32 is computed on in this process: native TensorFlow where it is installed. Nothing is
 * downloaded for it; wasm gives the same answers, more slowly.
 */
export async function evaluationBackend(cli: Cli, request: BackendRequest): Promise<RunnerBackend> {
  const backend = await chooseBackend({
    request,
    native: async () => {
      const installation = await findInstallation(cacheFolder(cli), thisHost());
      if (installation) return { kind: 'ready', installation };
      const reason = 'It is not installed.';
      return { kind: 'unavailable', reason, fix: 'Run hebb native install.' };
    },
    probe: (addon) => probeAddon(addon, cli.env),
    gpus: async () => (await listGpus(cli.env)).map(({ name }) => name),
  });
  if (backend.kind === 'wasm') return backend;
  // The library reads them when it is loaded into this process, which is after this.
  Object.assign(process.env, nativeEnvironment(cli.env));
  return runnerBackend(backend);
}
