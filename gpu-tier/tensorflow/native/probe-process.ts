/**
 * The process of `probeAddon`: prints a `Probe` as JSON, or an error to stderr.
 * @module
 */
import { loadBinding } from './binding.ts';

/** What `probeAddon` finds out about an addon. */
export interface Probe {
  /** Version of libtensorflow. */
  readonly tensorflow: string;
  /** True if TensorFlow found a usable GPU. */
  readonly gpu: boolean;
}

try {
  const tf = loadBinding(process.argv[2] ?? '');
  const matrix = tf.createTensor([2, 2], tf.TF_FLOAT, new Float32Array([1, 2, 3, 4]));
  const attributes = [
    { name: 'transpose_a', type: tf.TF_ATTR_BOOL, value: false },
    { name: 'transpose_b', type: tf.TF_ATTR_BOOL, value: false },
    { name: 'T', type: tf.TF_ATTR_TYPE, value: tf.TF_FLOAT },
  ];
  const [product] = tf.executeOp('MatMul', attributes, [matrix, matrix], 1);
  const values = String(tf.tensorDataSync(product!.id));
  if (values !== '7,10,15,22') throw new Error(`a matrix product is wrong: ${values}`);
  const probe: Probe = { tensorflow: tf.TF_Version, gpu: tf.isUsingGpuDevice() };
  process.stdout.write(JSON.stringify(probe));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
