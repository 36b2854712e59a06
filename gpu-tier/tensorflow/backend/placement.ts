/**
 * Assigns GPUs or CPU cores to the replicas of a model.
 * @module
 */
import type { Environment } from '../native/command.ts';
import type { Backend } from './choose.ts';

export interface PlacementOptions {
  readonly kind: Backend['kind'];
  /** Requested number; undefined for one per GPU, or one. */
  readonly replicas: number | undefined;
  /** Number of GPUs that the driver reports. */
  readonly gpus: number;
  /** Number of CPU cores. */
  readonly cores: number;
  readonly env: Environment;
}

/**
 * The environment variables for the process of each replica: one of the GPUs that CUDA_VISIBLE_DEVICES allows, in
 * turn; or its share of the cores, since TensorFlow would use all of them.
 */
export function placeReplicas(options: PlacementOptions): readonly Record<string, string>[] {
  const { kind, gpus, cores, env } = options;
  const all = Array.from({ length: gpus }, (_, n) => String(n));
  const devices = env.CUDA_VISIBLE_DEVICES?.split(',').filter((id) => id !== '') ?? all;
  const several = kind === 'native-gpu' && devices.length > 0;
  const replicas = options.replicas ?? (several ? devices.length : 1);
  const threads = env.TF_NUM_INTRAOP_THREADS ?? String(Math.max(1, Math.floor(cores / replicas)));
  return Array.from({ length: replicas }, (_, n): Record<string, string> => {
    if (several) return { CUDA_VISIBLE_DEVICES: devices[n % devices.length]! };
    if (kind === 'native-cpu' && replicas > 1) return { TF_NUM_INTRAOP_THREADS: threads };
    return {};
  });
}
