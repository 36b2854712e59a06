import { type Environment, runCommand } from './command.ts';

export interface Gpu {
  /** For example NVIDIA H100 80GB HBM3. */
  readonly name: string;
  /** Version of the driver: 580.65.06. */
  readonly driver: string;
  /** MiB. */
  readonly memory: number;
}

/** The GPUs that NVIDIA's driver reports, in its order; none without a driver. */
export async function listGpus(env: Environment): Promise<Gpu[]> {
  const query = '--query-gpu=name,driver_version,memory.total';
  const args = [query, '--format=csv,noheader,nounits'];
  const { code, stdout } = await runCommand('nvidia-smi', args, { env, timeout: 30_000 });
  return code === 0 ? parseGpus(stdout) : [];
}

/** Parses lines of nvidia-smi: `NVIDIA H100 80GB HBM3, 580.65.06, 81559`. */
export function parseGpus(csv: string): Gpu[] {
  return csv
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 3)
    .map(([name, driver, memory]) => ({ name: name!, driver: driver!, memory: Number(memory) }));
}
