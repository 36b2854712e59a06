import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { googlenet, layerParameters, tensorOf } from '@hebb/model';
import { encodeModel } from '@hebb/models/onnx/model';
import { readPackage } from '@hebb/packages/folder';
import { hebb } from '@hebb/test/support/cli';
import { BVLC_ONNX, describeWithData, SYNSET_WORDS } from '@hebb/test/support/data';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { resnet } from '@hebb/test/support/other-networks';
import { randomWeights } from '@hebb/test/support/random-weights';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { beforeAll, describe, expect, it } from 'vitest';

let onnx: Uint8Array;
beforeAll(() => {
  const network = googlenet({ variant: 'bn3x3', classes: 2, inputSize: 64 });
  onnx = encodeModel(onnxModel(network, randomWeights(network, 1)));
});

/** A working directory with a model and its labels. */
async function folder() {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'model.onnx'), onnx);
  await writeFile(join(cwd, 'labels.txt'), 'cat\ndog\n');
  return { cwd, run: (...args: string[]) => hebb(['import', ...args], { cwd }) };
}

const FILE = ['model.onnx', '--labels', 'labels.txt'] as const;

describe('hebb import', () => {
  it('writes a package under models/ and prints the assumed preprocessing', async () => {
    const { cwd, run } = await folder();
    const { code, stdout, stderr } = await run(...FILE, '--name', 'pets');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Wrote models\/pets\n/);
    expect(stdout).toContain('shorter-side 73, crop 64, RGB');
    expect(stdout).toContain('Next: hebb quantize models/pets --calibrate');
    const { manifest } = await readPackage(join(cwd, 'models', 'pets'));
    expect(manifest.labels).toEqual([{ name: 'cat' }, { name: 'dog' }]);
    expect(manifest.lineage).toMatchObject({ file: 'model.onnx', producer: 'hebb-test' });
  });

  it('takes the folder and the preprocessing from flags', async () => {
    const { cwd, run } = await folder();
    const flags = ['--mean', '127.5', '--scale', '0.01,0.02,0.03', '--channel-order', 'bgr'];
    const { code } = await run(
      ...FILE,
      '--name',
      'pets',
      '--out',
      'here',
      ...flags,
      '--resize',
      'warp:80',
    );
    expect(code).toBe(0);
    const { manifest } = await readPackage(join(cwd, 'here'));
    expect(manifest.preprocessing).toEqual({
      channelOrder: 'bgr',
      mean: [127.5, 127.5, 127.5],
      scale: [0.01, 0.02, 0.03],
      resize: { rule: 'warp', size: 80 },
      crop: 64,
    });
  });

  it.each([
    ['neither file nor source', [], 'Name one ONNX file, or give --from zoo.'],
    ['both', ['model.onnx', '--from', 'zoo'], 'Name one ONNX file, or give --from zoo.'],
    ['no labels', ['model.onnx', '--name', 'pets'], 'Give them with --labels FILE.'],
    ['no name', FILE, 'Give one with --name.'],
    ['an invalid name', [...FILE, '--name', 'My Pets!'], 'cannot be a package'],
    ['a mean of two', [...FILE, '--name', 'p', '--mean', '1,2'], 'Give one number, or three'],
    ['an unknown rule', [...FILE, '--name', 'p', '--resize', 'crop:3'], 'Give warp:256'],
    [
      'a crop that differs from the file’s',
      [...FILE, '--name', 'p', '--crop', '224'],
      'input is 64 pixels',
    ],
  ])('refuses %s', async (_, args, message) => {
    const { run } = await folder();
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('names the network of a file that it cannot import', async () => {
    const { cwd, run } = await folder();
    await writeFile(join(cwd, 'model.onnx'), encodeModel(resnet()));
    const { code, stderr } = await run(...FILE, '--name', 'pets');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error unsupported_model: This looks like a ResNet: /);
    expect(stderr).toContain('  → Import a GoogLeNet (Inception v1) in ONNX.\n');
  });

  it('names missing files', async () => {
    const { run } = await folder();
    expect((await run('no.onnx', '--labels', 'labels.txt', '--name', 'p')).stderr).toContain(
      'no.onnx',
    );
    expect((await run('model.onnx', '--labels', 'no.txt', '--name', 'p')).stderr).toContain(
      'no.txt',
    );
  });
});

describeWithData('hebb import of the BVLC weights', () => {
  it('makes a package of 6,998,552 parameters and 1000 labels', async () => {
    const cwd = await temporaryFolder();
    const args = ['import', BVLC_ONNX, '--labels', SYNSET_WORDS, '--name', 'imagenet'];
    expect((await hebb(args, { cwd })).code).toBe(0);
    const { manifest, tensors } = await readPackage(join(cwd, 'models', 'imagenet'));
    expect(manifest.network).toEqual({ variant: 'lrn', classes: 1000, inputSize: 224 });
    expect(manifest.labels[0]).toEqual({ id: 'n01440764', name: 'tench, Tinca tinca' });
    const weights = await tensors('f32');
    let parameters = 0;
    for (const { name, shape } of googlenet(manifest.network).layers.flatMap(layerParameters)) {
      parameters += tensorOf(weights, name, 'F32', shape).data.length;
    }
    expect(parameters).toBe(6_998_552);
  });
});
