import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeImage, writeImageFolders } from '@hebb/test/support/image-files';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../dataset/read.ts';
import { evaluationData } from './data.ts';

describe('images to evaluate on', () => {
  it('are all images of a folder of class folders', async () => {
    const dir = await temporaryFolder();
    await writeImageFolders(dir, ['cats', 'ants'], 2);
    const { split, classes, examples } = await evaluationData(dir);
    expect({ split, classes }).toEqual({ split: 'all', classes: ['ants', 'cats'] });
    expect(examples.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    const one = await temporaryFolder();
    await writeImageFolders(one, ['cats'], 1);
    expect((await evaluationData(one)).classes).toEqual(['cats']);
  });

  it('are the validation images if there are some, or the given part', async () => {
    const dir = await temporaryFolder();
    await writeImageFolders(join(dir, 'train'), ['a', 'b'], 3);
    await writeImageFolders(join(dir, 'val'), ['a', 'b'], 1);
    const counts = async (split?: 'val' | 'train' | 'all') =>
      (await evaluationData(dir, split && { split })).examples.length;
    expect(await counts()).toBe(2);
    expect(await counts('train')).toBe(6);
    expect(await counts('all')).toBe(8);
  });

  it('are split as in training when a part of unsplit data is asked for', async () => {
    const dir = await temporaryFolder();
    await writeImageFolders(dir, ['a', 'b'], 6);
    const splitting = { valShare: 0.34, seed: 7 };
    const { val, train } = await readDataset(dir, splitting);
    expect((await evaluationData(dir, { split: 'val', ...splitting })).examples).toEqual(val);
    expect((await evaluationData(dir, { split: 'train', ...splitting })).examples).toEqual(train);
  });

  it('may lie in a flat folder, named by synset', async () => {
    const dir = await temporaryFolder();
    for (const name of ['n01440764_tench', 'n01443537_goldfish', 'n01440764_another', 'sunset']) {
      await writeImage(join(dir, `${name}.JPEG`), 1);
    }
    const { classes, examples } = await evaluationData(dir);
    expect(classes).toEqual(['n01440764', 'n01443537']);
    expect(examples.map(({ path, label }) => [basename(path), label])).toEqual([
      ['n01440764_another.JPEG', 0],
      ['n01440764_tench.JPEG', 0],
      ['n01443537_goldfish.JPEG', 1],
    ]);
  });

  it('may be listed in a CSV file', async () => {
    const dir = await temporaryFolder();
    await writeImageFolders(dir, ['a', 'b'], 1);
    await writeFile(join(dir, 'list.csv'), 'path,label\na/0.jpg,left\nb/0.jpg,right\n');
    expect((await evaluationData(join(dir, 'list.csv'))).classes).toEqual(['left', 'right']);
  });

  it('are reported when there are none', async () => {
    const dir = await temporaryFolder();
    await expect(evaluationData(join(dir, 'nowhere'))).rejects.toMatchObject({
      code: 'file_not_found',
    });
    await mkdir(join(dir, 'a'));
    await expect(evaluationData(dir)).rejects.toMatchObject({ code: 'invalid_dataset' });
  });
});
