import { normalise } from '@hebb/model';
import { difference, noise } from '@hebb/test/graph/compare';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { referenceFor } from '@hebb/test/support/served-package';
import { BACKEND } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { HostConfig } from './messages.ts';
import { startHostProcess } from './process.ts';

const SIDE = 64;

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ inputSize: SIDE });
});
afterAll(() => model?.remove());

async function start(more: Partial<HostConfig> = {}) {
  const config = { dir: model.dir, backend: BACKEND, precision: 'f32', maxBatchSize: 4 } as const;
  const host = await startHostProcess({ ...config, ...more });
  onTestFinished(async () => {
    host.close();
    await host.ended;
  });
  return host;
}

const WASM = { kind: 'wasm', reason: 'for the test' } as const;

describe('a model host', () => {
  it.each([
    ['native, or what there is', BACKEND],
    ['wasm', WASM],
  ])('computes a batch, padded if necessary: %s', async (_name, backend) => {
    const host = await start({ backend });
    const pixels = noise(3, SIDE);
    const reference = await referenceFor(model.dir, pixels);
    const image = SIDE * SIDE * 3;
    const parts = [pixels.subarray(0, image), pixels.subarray(image)];
    const { outputs, computeMs } = await host.run({ dtype: 'uint8', images: 3, size: 4, parts });
    for (const name of ['probabilities', 'logits', 'embedding'] as const) {
      expect(difference(outputs[name], reference[name])).toBeLessThan(1e-4);
    }
    expect(computeMs).toBeGreaterThan(0);
    const values = new Uint8Array(normalise(pixels, model.manifest.preprocessing).buffer);
    const normalised = { dtype: 'float32', images: 3, size: 3, parts: [values] } as const;
    const same = await host.run(normalised);
    expect(difference(same.outputs.probabilities, reference.probabilities)).toBeLessThan(1e-4);
    expect(host.rss()).toBeGreaterThan(50e6);
  });

  it('warms up the allowed sizes, and measures them', async () => {
    const host = await start({ maxBatchSize: 5, batchSizes: [1, 4, 16] });
    expect(host.ready.batchSizes).toEqual([1, 4, 5]);
    expect(host.ready.timings.map(({ size }) => size)).toEqual([1, 5]);
    expect(host.ready.warmUpMs).toBeGreaterThan(0);
  });

  it('answers an invalid batch with an error, and continues', async () => {
    const host = await start();
    const pixels = noise(1, SIDE);
    const wrong = { dtype: 'uint8', images: 1, size: 1, parts: [pixels.subarray(5)] } as const;
    await expect(host.run(wrong)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(host.run({ ...wrong, parts: [pixels] })).resolves.toBeDefined();
  });

  it('rejects pending batches when it is killed', async () => {
    const host = await start();
    const answer = host.run({ dtype: 'uint8', images: 4, size: 4, parts: [noise(4, SIDE)] });
    process.kill(host.pid, 'SIGKILL');
    await expect(answer).rejects.toMatchObject({
      code: 'host_restarted',
      message: "The model's process was ended by SIGKILL.",
    });
    expect(await host.ended).toBe('was ended by SIGKILL');
    expect(host.alive()).toBe(false);
    const late = host.run({ dtype: 'uint8', images: 1, size: 1, parts: [noise(1, SIDE)] });
    await expect(late).rejects.toMatchObject({ code: 'host_restarted' });
  });

  it('is killed when it hangs', async () => {
    const config = { dir: model.dir, backend: WASM, precision: 'f32', maxBatchSize: 4 } as const;
    const host = await startHostProcess(config, { batchTimeoutMs: 200 });
    process.kill(host.pid, 'SIGSTOP');
    const answer = host.run({ dtype: 'uint8', images: 1, size: 1, parts: [noise(1, SIDE)] });
    await expect(answer).rejects.toMatchObject({ code: 'host_restarted' });
    expect(await host.ended).toBe('took more than 0.2 s for a batch and was ended');
    expect(host.hung()).toBe(true);
  });

  it('reports why it cannot load its model', async () => {
    await expect(start({ dir: '/nowhere' })).rejects.toMatchObject({ code: 'file_not_found' });
    const addon = '/nowhere/tfjs_binding.node';
    const backend = { kind: 'native-cpu', reason: 'for the test', addon } as const;
    await expect(start({ backend })).rejects.toMatchObject({ code: 'native_unavailable' });
  });
});
