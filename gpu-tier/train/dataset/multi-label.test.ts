import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writePhoto } from '@hebb/test/support/photos';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { checkDataset } from './checks/check.ts';
import { finding } from './checks/finding.ts';
import { fixDataset } from './checks/fix.ts';
import type { Dataset } from './dataset.ts';
import { readDataset } from './read.ts';
import { writeSeveralShapes } from './shapes/write.ts';

/** A CSV file with these lines, and the photographs that it lists. */
async function listed(...lines: string[]): Promise<string> {
  const root = await temporaryFolder();
  const names = new Set(lines.flatMap((line) => line.match(/[\w-]+\.jpg/g) ?? []));
  await Promise.all([...names].map((name, i) => writePhoto(join(root, name), i)));
  const file = join(root, 'list.csv');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

/** The classes of each image, by its file name. */
const shown = ({ classes, train, val }: Dataset) =>
  Object.fromEntries(
    [...train, ...val].map(({ path, labels }) => [
      basename(path),
      labels?.map((label) => classes[label]),
    ]),
  );

const EXPECTED = { 'a.jpg': ['cat', 'dog'], 'b.jpg': ['dog'], 'c.jpg': [], 'd.jpg': ['cat'] };

describe('a multi-label list', () => {
  it.each([
    ['labels in one cell', ['path,labels', 'a.jpg,dog|cat', 'b.jpg,dog', 'c.jpg,', 'd.jpg, cat ']],
    [
      'a column for each class',
      ['file,cat,dog', 'a.jpg,1,1', 'b.jpg,0,1', 'c.jpg,0,0', 'd.jpg,1,0'],
    ],
  ])('may have %s', async (_, lines) => {
    const data = await readDataset(await listed(...lines));
    expect(data.multiLabel).toBe(true);
    expect(data.classes).toEqual(['cat', 'dog']);
    expect(shown(data)).toEqual(EXPECTED);
  });

  it('may have several lines for an image, if it is said to be one', async () => {
    const lines = ['path,label', 'a.jpg,dog', 'b.jpg,dog', 'a.jpg,cat', 'c.jpg,', 'd.jpg,cat'];
    const file = await listed(...lines);
    expect(shown(await readDataset(file, { multiLabel: true }))).toEqual(EXPECTED);
    await expect(readDataset(file)).rejects.toThrow(/c\.jpg|line|no path and label/i);
    const twice = await listed('path,label', 'a.jpg,dog', 'a.jpg,cat');
    await expect(readDataset(twice)).rejects.toMatchObject({
      code: 'invalid_dataset',
      hint: expect.stringContaining('--multi-label'),
    });
  });

  it('keeps its own split', async () => {
    const data = await readDataset(
      await listed('path,labels,split', 'a.jpg,dog|cat,train', 'b.jpg,dog,val', 'c.jpg,,val'),
    );
    expect(data.train.map(({ path }) => basename(path))).toEqual(['a.jpg']);
    expect(data.val.map(({ labels }) => labels?.length).sort()).toEqual([0, 1]);
  });

  it('is split so that a rare class has images on both sides', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, i) => `i${i}.jpg,${i < 4 ? 'common|rare' : 'common'}`,
    );
    const data = await readDataset(await listed('path,labels', ...lines, 'z.jpg,other|common'));
    const rare = data.classes.indexOf('rare');
    for (const side of [data.train, data.val]) {
      expect(side.filter(({ labels }) => labels!.includes(rare)).length).toBeGreaterThan(0);
    }
  });

  it('is something else where the labels differ: the fingerprint shows it', async () => {
    const [one, other] = ['a.jpg,dog|cat', 'a.jpg,dog'].map((line) =>
      listed('path,labels', line, 'b.jpg,cat', 'c.jpg,dog|cat'),
    );
    const fingerprint = async (file: Promise<string>) =>
      (await readDataset(await file)).fingerprint;
    expect(await fingerprint(one!)).not.toBe(await fingerprint(other!));
  });

  it('of one label to an image stays single-label, whatever the column is called', async () => {
    const data = await readDataset(await listed('path,labels', 'a.jpg,dog', 'b.jpg,cat'));
    expect(data.multiLabel).toBeUndefined();
    expect(data.train.map(({ labels }) => labels)).toEqual([undefined, undefined]);
  });
});

describe('data of the other kind', () => {
  it('is refused: class folders with --multi-label', async () => {
    const root = await temporaryFolder();
    for (const name of ['a', 'b']) await writePhoto(join(root, name, '1.jpg'), 1);
    await expect(readDataset(root, { multiLabel: true })).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining('class folders give an image one label'),
    });
  });

  it('is refused: several labels without it', async () => {
    const file = await listed('path,labels', 'a.jpg,dog|cat', 'b.jpg,cat');
    await expect(readDataset(file, { multiLabel: false })).rejects.toMatchObject({
      code: 'invalid_dataset',
      hint: expect.stringContaining('--multi-label'),
    });
  });

  it('is refused: an image in two splits', async () => {
    const file = await listed('path,label,split', 'a.jpg,dog,train', 'a.jpg,cat,val');
    await expect(readDataset(file, { multiLabel: true })).rejects.toThrow(
      'is in two splits, on line 2 and on line 3 of list.csv',
    );
  });
});

describe('the checks of multi-label data', () => {
  it('count a class in all its images, and the images without a label', async () => {
    const lines = Array.from(
      { length: 60 },
      (_, i) => `i${i}.jpg,${i < 50 ? 'common' : ''}${i < 4 ? '|rare' : ''},train`,
    );
    const file = await listed('path,labels,split', ...lines, 'v.jpg,common|rare,val');
    const { multiLabel, findings } = await checkDataset(file);
    expect(multiLabel).toBe(true);
    expect(findings.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'tiny_class: rare: 4 to train on',
      'unlabelled: 10 of 61 images',
      'unbalanced: common has 50 images to train on, rare has 4: train with --balance weights',
    ]);
  });

  it('name copies with different labels, and write a list without them', async () => {
    const file = await listed('path,labels', 'a.jpg,dog|cat', 'b.jpg,cat', 'c.jpg,dog|cat');
    const root = join(file, '..');
    await writeFile(join(root, 'd.jpg'), await readFile(join(root, 'b.jpg')));
    await writeFile(file, `${await readFile(file, 'utf8')}d.jpg,dog\n`);
    const { findings } = await checkDataset(file);
    expect(findings.find(({ kind }) => kind === 'contradiction')?.message).toBe('b.jpg = d.jpg');
    const { source } = await fixDataset(file, findings);
    expect(await readFile(source, 'utf8')).toBe('path,labels\na.jpg,cat|dog\nc.jpg,cat|dog\n');
  });

  it('write columns of classes where a name of a class has the separator of labels', async () => {
    const file = await listed('path,cat|kitten,dog', 'a.jpg,1,1', 'b.jpg,0,1', 'c.jpg,1,0');
    const paths = [join(file, '..', 'b.jpg')];
    const { source } = await fixDataset(file, [finding('unreadable', 'b.jpg', paths, paths)]);
    expect(await readFile(source, 'utf8')).toBe('path,cat|kitten,dog\na.jpg,1,1\nc.jpg,1,0\n');
  });
});

describe('drawn pictures of several figures', () => {
  it('are listed with their labels; the same seed draws the same', async () => {
    const root = join(await temporaryFolder(), 'figures');
    const written = await writeSeveralShapes(root, { images: 8, size: 48, seed: 3 });
    const data = await readDataset(join(root, 'labels.csv'), { multiLabel: true });
    expect([data.train.length, data.val.length]).toEqual([written.train, written.val]);
    const counts = [...data.train, ...data.val].map(({ labels }) => labels!.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    expect(new Set(counts).size).toBeGreaterThan(2);
    const again = join(await temporaryFolder(), 'figures');
    await writeSeveralShapes(again, { images: 8, size: 48, seed: 3 });
    expect((await readDataset(join(again, 'labels.csv'))).fingerprint).toBe(data.fingerprint);
  });
});
