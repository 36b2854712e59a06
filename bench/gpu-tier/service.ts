/**
 * The tier as a separate process, started with `hebb serve`.
 * @module
 */
import { spawnTier } from '@hebb/test/support/tier-process';

export interface BenchTier {
  readonly url: URL;
  /** Kills the model processes with SIGKILL, as the kernel's out-of-memory killer does. */
  killHosts(): void;
  stop(): Promise<void>;
}

/** Starts `hebb serve`; resolves when the model is warmed up. */
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
