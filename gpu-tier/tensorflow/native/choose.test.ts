import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeNative } from '@hebb/test/support/native';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { type BackendRequest, chooseBackend } from '../backend/choose.ts';
import type { Native } from './ensure.ts';
import type { Installation } from './installation.ts';
import { probeAddon } from './probe.ts';
import type { Probe } from './probe-process.ts';

const NOTHING: Native = {
  kind: 'unavailable',
  reason: 'python3 has no pip.',
  fix: 'sudo apt-get install python3-pip',
};

describeNative('with the native library', (installation) => {
  const choose = (request: BackendRequest, addon = installation.addon) =>
    chooseBackend({
      request,
      native: async () => ({ kind: 'ready', installation: { ...installation, addon } }),
      probe: (path) => probeAddon(path, process.env),
      gpus: async () => [],
    });

  it('is chosen after a successful run, with its device', async () => {
    const backend = await choose('auto');
    expect(backend.kind).toMatch(/^native-[cg]pu$/);
    expect(backend.reason).toMatch(/^TensorFlow 2\.21\.0 runs on/);
  });

  it('is not touched when wasm is requested', async () => {
    expect(await choose('wasm', '/nowhere')).toEqual({
      kind: 'wasm',
      reason: 'asked for by --backend wasm',
    });
  });

  it('falls back to wasm when the addon is broken, and says so', async () => {
    const addon = join(await temporaryFolder(), 'tfjs_binding.node');
    await writeFile(addon, 'half a file');
    expect(await choose('auto', addon)).toMatchObject({
      kind: 'wasm',
      reason: expect.stringContaining('TensorFlow does not load'),
      native: 'unusable', // which is not the same as absent
    });
    await expect(choose('native', addon)).rejects.toMatchObject({ code: 'native_unusable' });
  });

  it('falls back when a library of TensorFlow is missing beside the addon', async () => {
    const folder = join(await temporaryFolder(), 'tensorflow');
    await mkdir(folder);
    await cp(installation.addon, join(folder, 'tfjs_binding.node'));
    expect(await choose('auto', join(folder, 'tfjs_binding.node'))).toMatchObject({
      kind: 'wasm',
      reason: expect.stringMatching(/libtensorflow_\w+\.(so|2)/),
    });
  });
});

describe('without the native library', () => {
  const choose = (request: BackendRequest, required = false) =>
    chooseBackend({
      request,
      required,
      native: async () => NOTHING,
      probe: () => Promise.reject(new Error('there is nothing to probe')),
      gpus: async () => [],
    });

  it('falls back to wasm, with reason and remedy', async () => {
    expect(await choose('auto')).toEqual({
      kind: 'wasm',
      reason: 'no native TensorFlow: python3 has no pip. sudo apt-get install python3-pip',
      native: 'absent',
    });
  });

  it('fails if the native backend was requested or is required', async () => {
    for (const failing of [choose('native'), choose('auto', true)]) {
      await expect(failing).rejects.toMatchObject({
        code: 'native_unavailable',
        message: NOTHING.reason,
        hint: NOTHING.fix,
      });
    }
    await expect(choose('wasm', true)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('the reason on machines with GPUs', () => {
  // What a machine with a GPU reports; the choice itself is the same code on every machine.
  const choose = (flavour: 'cpu' | 'gpu', probe: Probe, gpus: string[]) =>
    chooseBackend({
      request: 'auto',
      native: async () => ({ kind: 'ready', installation: { flavour } as Installation }),
      probe: async () => probe,
      gpus: async () => gpus,
    });
  const H100 = 'NVIDIA H100 80GB HBM3';

  it.each([
    ['gpu', true, [H100], 'native-gpu', `TensorFlow 2.21.0 runs on ${H100}`],
    ['cpu', false, [H100], 'native-cpu', `for ${H100}: hebb native install --gpu`],
    ['gpu', false, [H100], 'native-cpu', `it cannot use ${H100}: see hebb doctor`],
    ['gpu', false, [], 'native-cpu', 'there is no NVIDIA GPU'],
  ] as const)('%s flavour, GPU seen: %s, of %o: %s', async (flavour, gpu, gpus, kind, reason) => {
    const backend = await choose(flavour, { tensorflow: '2.21.0', gpu }, [...gpus]);
    expect(backend.kind).toBe(kind);
    expect(backend.reason).toContain(reason);
  });
});
