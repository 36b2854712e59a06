import { GraphBuilder } from '@hebb/tensorflow/graph/graph-builder';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { loadGraph, unsharedCopy } from '@hebb/tensorflow/graph/session';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { INITIALISE, initialName, stateName, Variables } from './variables.ts';

/** Float arrays at all addresses that an array can have relative to a multiple of 64 bytes. */
const everyAddress = () =>
  Array.from({ length: 16 }, (_, i) => new Float32Array(new ArrayBuffer(128), 4 * i, 16).fill(1));

/** Sets a variable to an array, changes the array, and tells whether the variable has changed with it. */
async function isShared(data: Float32Array): Promise<boolean> {
  const g = new GraphBuilder();
  const variables = new Variables(g);
  variables.variable('w', [data.length]);
  variables.addInitialiser();
  const session = await loadGraph(tensorflow(), savedModel(g.build()));
  const feed = { name: initialName('w'), dtype: tensorflow().TF_FLOAT, shape: [data.length], data };
  session.run([feed], [INITIALISE]);
  data.fill(2);
  const [value] = session.run([], [stateName('w')]);
  session.dispose();
  return value![0] === 2;
}

const countShared = async (arrays: readonly Float32Array[]): Promise<number> => {
  const shared = await Promise.all(arrays.map(isShared));
  return shared.filter(Boolean).length;
};

describeWithTensorFlow('the first value of a variable', () => {
  it('shares no memory with JavaScript, wherever the array lies', async () => {
    expect(await countShared(everyAddress().map(unsharedCopy))).toBe(0);
  });

  it('would share it if the array lay at a multiple of 64 bytes', async () => {
    expect(await countShared(everyAddress())).toBeGreaterThan(0);
  });
});
