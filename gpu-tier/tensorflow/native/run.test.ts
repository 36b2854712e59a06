import { createRequire } from 'node:module';
import { describeNative } from '@hebb/test/support/native';
import { expect, it } from 'vitest';
import { attr, GraphBuilder } from '../graph/graph-builder.ts';
import { savedModel } from '../graph/saved-model.ts';
import { loadGraph } from '../graph/session.ts';
import { loadBinding } from './binding.ts';

describeNative('native TensorFlow', ({ addon, folder }) => {
  it('has the pinned version', () => {
    expect(loadBinding(addon).TF_Version).toBe('2.21.0');
    const report = process.report.getReport() as { sharedObjects: string[] };
    const loaded = report.sharedObjects.filter((path) => path.includes('libtensorflow'));
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((path) => !path.startsWith(folder))).toEqual([]);
  });

  it('computes an op that tfjs does not have', () => {
    const tf = loadBinding(addon);
    const one = tf.createTensor([1], tf.TF_FLOAT, new Float32Array([1]));
    const type = { name: 'T', type: tf.TF_ATTR_TYPE, value: tf.TF_FLOAT };
    const [result] = tf.executeOp('Digamma', [type], [one], 1);
    // The digamma function at 1 is minus Euler's constant.
    expect(tf.tensorDataSync(result!.id)[0]).toBeCloseTo(-0.5772157, 6);
    for (const id of [one, result!.id]) tf.deleteTensor(id);
  });

  it('runs a graph, and leaks no tensor', async () => {
    const tf = loadBinding(addon);
    const before = tf.getNumOfTensors();
    const graph = new GraphBuilder();
    const image = graph.placeholder('image', 'uint8', [-1]);
    const float = graph.add('Cast', 'float', {
      inputs: [image],
      attrs: { SrcT: attr.type('uint8'), DstT: attr.type('float32') },
      dtype: 'float32',
    });
    const attrs = { T: attr.type('float32') };
    graph.add('Lgamma', 'answer', { inputs: [float], attrs, dtype: 'float32' });
    const session = await loadGraph(tf, savedModel(graph.build()));
    const feed = { name: 'image', dtype: tf.TF_UINT8, shape: [3], data: new Uint8Array([1, 4, 6]) };
    const [answer] = session.run([feed], ['answer']);
    // ln Γ(n) = ln (n − 1)!
    const expected = [0, Math.log(6), Math.log(120)];
    for (const [i, value] of expected.entries()) expect(answer![i]).toBeCloseTo(value, 5);
    session.dispose();
    expect(tf.getNumOfTensors()).toBe(before);
    expect(tf.getNumOfSavedModels()).toBe(0);
  });

  it('reports a missing model as an error, and continues', () => {
    const tf = loadBinding(addon);
    expect(() => tf.loadSavedModel('/nowhere', 'serve')).toThrow('Could not find SavedModel');
    expect(tf.TF_Version).toBe('2.21.0');
  });

  it('needs nothing of the npm package’s JavaScript, which newer Nodes cannot run', () => {
    loadBinding(addon);
    const cache = Object.keys(createRequire(import.meta.url).cache);
    expect(cache.filter((path) => path.includes('tfjs-node-gpu'))).toEqual([]);
  });
});

it('names the file of a missing addon', () => {
  expect(() => loadBinding('/nowhere/tfjs_binding.node')).toThrow(
    expect.objectContaining({ code: 'native_unavailable' }),
  );
});
