/**
 * Which part of the machine each replica of a model gets.
 * @module
 */
import type { Environment } from '../native/command.ts';
import type { Backend } from './choose.ts';

export interface PlacementOptions {
  readonly kind: Backend['kind'];
  /** How many were asked for; undefined for one per GPU, or one. */
  readonly replicas: number | undefined;
  /** How many GPUs the driver shows. */
  readonly gpus: number;
  /** Of the CPU. */
  readonly cores: number;
  readonly env: Environment;
}

/**
 * Per replica, what its process gets into its environment: a GPU of its own, in turn, of those that
 * CUDA_VISIBLE_DEVICES leaves; or its share of the cores, since TensorFlow takes all by itself.
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
