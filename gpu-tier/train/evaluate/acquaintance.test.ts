/** What eval reports about images that a package was trained on. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readPackage, writePackage } from '@hebb/packages/folder';
import { splitOf, writeSplit } from '@hebb/packages/split';
import { hebb } from '@hebb/test/support/cli';
import { writeImage, writeImageFolders } from '@hebb/test/support/image-files';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { evalCommand } from 'hebb/eval';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../dataset/read.ts';
import { acquaintance, unionOfSplits } from './acquaintance.ts';

const CLASSES = ['class 0', 'class 1', 'class 2'];

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ inputSize: 32, classes: 3 });
});
afterAll(() => model.remove());

interface Printed {
  readonly data: string;
  readonly known?: {
    readonly trained: number;
    readonly validated: number;
    readonly unseen: number;
  };
  readonly leftOut: Readonly<Record<string, number>>;
}

/** A data set, and a package trained on it with this seed; `how` is the package's record of it. */
async function trained(how: 'split' | 'fingerprint' | 'nothing', seed = 9) {
  const cwd = await temporaryFolder();
  await writeImageFolders(join(cwd, 'photos'), CLASSES, 8);
  const dataset = await readDataset(join(cwd, 'photos'), { valShare: 0.25, seed });
  const { manifest, bytes } = await readPackage(model.dir);
  const { format: _, version: __, files: ___, ...draft } = manifest;
  const { fingerprint } = dataset;
  const training = { data: 'photos', images: dataset.train.length, fingerprint, settings: {} };
  await writePackage(join(cwd, 'mine'), {
    manifest: { ...draft, ...(how === 'nothing' ? {} : { training }) },
    weights: { f32: await bytes('f32') },
    ...(how === 'split' ? { split: writeSplit(splitOf(dataset)) } : {}),
  });
  const run = (...args: string[]) =>
    hebb(['eval', 'mine', '--data', 'photos', '--backend', 'wasm', ...args], {
      cwd,
      commands: [evalCommand],
    });
  const printed = async (...args: string[]) =>
    JSON.parse((await run('--json', ...args)).stdout) as Printed;
  return { cwd, run, printed };
}

describe('hebb eval of a package that records its split', () => {
  it('measures its own validation images, for any seed', async () => {
    const { printed } = await trained('split');
    const expected = { data: 'photos/val', known: { trained: 0, validated: 6, unseen: 0 } };
    expect(await printed()).toMatchObject(expected);
    expect(await printed('--split', 'val')).toMatchObject(expected);
  });

  it('recognises renamed files, and leaves out images of neither part', async () => {
    const { cwd, run, printed } = await trained('split');
    const photos = join(cwd, 'photos', 'class 1');
    for (let i = 0; i < 8; i++)
      await rename(join(photos, `${i}.jpg`), join(photos, `new-${i}.jpg`));
    await writeImage(join(photos, 'unknown.jpg'), 4321);
    expect((await printed()).known).toEqual({ trained: 0, validated: 6, unseen: 0 });
    const { stdout } = await run();
    expect(stdout).toContain('split as the package records it\n');
    expect(stdout).toContain('1 image of neither part, not measured: --split all\n');
    expect(stdout).toContain('none of them was trained on\n');
  });

  it('warns when it measures images that were trained on', async () => {
    const { run, printed } = await trained('split');
    expect((await printed('--split', 'all')).known).toEqual({
      trained: 18,
      validated: 6,
      unseen: 0,
    });
    expect((await run('--split', 'train')).stdout).toContain(
      '! all of them were trained on: the model does worse on images that it has not seen\n',
    );
    const other = await run('--split', 'val', '--seed', '1', '--val-share', '0.25');
    expect(other.stdout).toMatch(/! \d images of them were trained on/);
  });

  it('measures all of an unknown data set, and reports that', async () => {
    const { cwd, run } = await trained('split');
    await writeImageFolders(join(cwd, 'others'), ['x'], 0);
    for (const [i, name] of CLASSES.entries()) {
      await writeImage(join(cwd, 'others', name, 'a.jpg'), 7000 + i);
    }
    const { stdout } = await run('--data', 'others');
    expect(stdout).toMatch(/on 3 images of others\nnone of them was seen in training\n/);
  });
});

describe('hebb eval of a package without a recorded split', () => {
  it('recognises the data by their fingerprint, given the seed of the training', async () => {
    const { printed } = await trained('fingerprint', 1);
    expect(await printed('--split', 'val', '--val-share', '0.25')).toMatchObject({
      known: { trained: 0, validated: 6, unseen: 0 },
    });
    expect(await printed('--split', 'all', '--val-share', '0.25')).toMatchObject({
      known: { trained: 18, validated: 6, unseen: 0 },
    });
  });

  it('reports when the split is unknown', async () => {
    for (const how of ['fingerprint', 'nothing'] as const) {
      const { run } = await trained(how);
      expect((await run('--seed', '3')).stdout).toContain(
        'the package does not record which images it was trained on\n',
      );
    }
  });
});

describe('hebb eval', () => {
  it('counts the files that it leaves out', async () => {
    const { cwd, run, printed } = await trained('nothing');
    await rename(join(cwd, 'photos', 'class 0', '0.jpg'), join(cwd, 'photos', 'class 0', '0.bmp'));
    await rename(join(cwd, 'photos', 'class 0', '1.jpg'), join(cwd, 'photos', 'class 0', '1'));
    expect((await printed()).leftOut).toEqual({ 'format BMP': 1, 'no extension': 1 });
    expect((await run()).stderr).toContain(
      '! Left out: 1 file of format BMP: convert it to PNG or JPEG; 1 file without an extension',
    );
  });
});

describe('the images that an ensemble has seen', () => {
  it('are those that any of its members was trained on, or else validated with', () => {
    const image = (digit: string) => ({ sha256: digit.repeat(64) });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(image);
    const union = unionOfSplits([
      splitOf({ train: [a!], val: [b!, c!] }),
      splitOf({ train: [b!], val: [a!, c!] }),
    ]);
    expect(acquaintance([a!, b!, c!, d!], union)).toEqual({ trained: 2, validated: 1, unseen: 1 });
  });
});
