/**
 * The process behind `probeAddon`: prints a `Probe`, or why there is none.
 * @module
 */
import { loadBinding } from './binding.ts';

/** What an addon said of itself after it had computed something. */
export interface Probe {
  /** libtensorflow's own version. */
  readonly tensorflow: string;
  /** True when TensorFlow found a GPU that it can use. */
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
  if (values !== '7,10,15,22') throw new Error(`it multiplies wrongly: ${values}`);
  const probe: Probe = { tensorflow: tf.TF_Version, gpu: tf.isUsingGpuDevice() };
  process.stdout.write(JSON.stringify(probe));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
