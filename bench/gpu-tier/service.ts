/**
 * The tier as its users start it, in a process of its own.
 * @module
 */
import { spawnTier } from '@hebb/test/support/tier-process';

export interface BenchTier {
  readonly url: URL;
  /** Ends the processes that hold the model, as the kernel ends one that took too much memory. */
  killHosts(): void;
  stop(): Promise<void>;
}

/** Starts `hebb serve`; resolves when the model is warm. */
export async function startTier(
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<BenchTier> {
  const tier = spawnTier(['--model', dir, '--port', '0', ...args], { env });
  const url = await tier.ready();
  const { pids } = await tier.event('model_loaded');
  return {
    url,
    killHosts() {
      for (const pid of pids as number[]) process.kill(pid, 'SIGKILL');
    },
    async stop() {
      tier.kill('SIGTERM');
      await tier.exit;
    },
  };
}
