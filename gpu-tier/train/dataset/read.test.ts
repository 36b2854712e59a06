import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeWithData, FLOWERS } from '@hebb/test/support/data';
import { writePhoto } from '@hebb/test/support/photos';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.ts';
import { readDataset } from './read.ts';

/** Writes a different small photograph to each path. */
async function dataset(...paths: string[]): Promise<string> {
  const root = await temporaryFolder();
  const size = { width: 16, height: 16 };
  await Promise.all(paths.map((path, i) => writePhoto(join(root, path), i, size)));
  return root;
}

/** `class/file` of each example. */
const shown = ({ classes }: Dataset, examples: Dataset['train']) =>
  examples.map(({ path, label }) => `${classes[label]}/${basename(path)}`).sort();

const numbered = (folder: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${folder}/${i}.jpg`);

describe('a folder of class folders', () => {
  it('is split class by class, the same way each time', async () => {
    const root = await dataset(...numbered('dog', 20), ...numbered('cat', 10));
    const data = await readDataset(root, { valShare: 0.2, seed: 1 });
    expect(data.classes).toEqual(['cat', 'dog']);
    const of = (examples: Dataset['train']) =>
      [0, 1].map((label) => examples.filter((example) => example.label === label).length);
    expect([of(data.train), of(data.val)]).toEqual([
      [8, 16],
      [2, 4],
    ]);
    expect(await readDataset(root, { valShare: 0.2, seed: 1 })).toEqual(data);
    const other = await readDataset(root, { valShare: 0.2, seed: 2 });
    expect(shown(other, other.val)).not.toEqual(shown(data, data.val));
    expect(other.fingerprint).not.toBe(data.fingerprint);
  });

  it('validates on 15 % by default', async () => {
    const data = await readDataset(await dataset(...numbered('a', 20), ...numbered('b', 20)));
    expect([data.train.length, data.val.length]).toEqual([34, 6]);
  });

  it('may have folders within classes, links to folders, and files that are not images', async () => {
    const root = await dataset('a/deep/er/1.jpg', 'a/2.JPEG', 'b/1.png', 'notes/readme.jpg.txt');
    const elsewhere = await dataset('1.webp', '2.jpg');
    await symlink(elsewhere, join(root, 'c'));
    await writeFile(join(root, 'a', 'README.md'), 'photographs');
    const data = await readDataset(root, { valShare: 0 });
    expect(shown(data, data.train)).toEqual([
      'a/1.jpg',
      'a/2.JPEG',
      'b/1.png',
      'c/1.webp',
      'c/2.jpg',
    ]);
  });

  it('ignores hidden files and folders', async () => {
    const root = await dataset('a/1.jpg', 'b/1.jpg', '.cache/1.jpg', 'a/.old/2.jpg', 'b/._1.jpg');
    const data = await readDataset(root, { valShare: 0 });
    expect(shown(data, data.train)).toEqual(['a/1.jpg', 'b/1.jpg']);
  });

  it('may have a class called train', async () => {
    const data = await readDataset(await dataset('train/1.jpg', 'car/1.jpg', 'bus/1.jpg'));
    expect(data.classes).toEqual(['bus', 'car', 'train']);
  });
});

describe('a folder with train/ and val/', () => {
  const SPLIT = ['train/a/1.jpg', 'train/b/2.jpg', 'val/a/3.jpg', 'val/b/4.jpg'] as const;

  it('keeps its split', async () => {
    const data = await readDataset(await dataset(...SPLIT), { valShare: 0.9, seed: 4 });
    expect(shown(data, data.train)).toEqual(['a/1.jpg', 'b/2.jpg']);
    expect(shown(data, data.val)).toEqual(['a/3.jpg', 'b/4.jpg']);
  });

  it('may be named validation/, and have a test set that is not used', async () => {
    const root = await dataset(
      'Train/a/1.jpg',
      'Train/b/2.jpg',
      'validation/a/3.jpg',
      'test/a/4.jpg',
    );
    const data = await readDataset(root);
    expect([...shown(data, data.train), ...shown(data, data.val)]).toEqual([
      'a/1.jpg',
      'b/2.jpg',
      'a/3.jpg',
    ]);
  });

  it('is split by the seed when it has only train/', async () => {
    const data = await readDataset(
      await dataset(...numbered('train/a', 4), ...numbered('train/b', 4)),
    );
    expect([data.train.length, data.val.length]).toEqual([6, 2]);
  });

  it('must have training images of every validated class', async () => {
    await expect(readDataset(await dataset(...SPLIT, 'val/c/5.jpg'))).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining('validation images of c but none to train on'),
    });
  });
});

describe('a CSV file', () => {
  const FILES = ['img/1.jpg', 'img/2.jpg', 'img/3.jpg', 'img/4.jpg'] as const;

  async function csv(text: string, valShare = 0) {
    const root = await dataset(...FILES);
    const path = join(root, 'labels.csv');
    await writeFile(path, text);
    return readDataset(path, { valShare });
  }

  it('lists paths, relative to it, and labels', async () => {
    const data = await csv('img/1.jpg,cat\nimg/2.jpg,dog\n');
    expect(shown(data, data.train)).toEqual(['cat/1.jpg', 'dog/2.jpg']);
  });

  it('may have a heading, with its columns in any order', async () => {
    const data = await csv(
      'split,label,filename\ntrain,cat,img/1.jpg\ntrain,dog,img/2.jpg\nval,dog,img/3.jpg',
    );
    expect(shown(data, data.train)).toEqual(['cat/1.jpg', 'dog/2.jpg']);
    expect(shown(data, data.val)).toEqual(['dog/3.jpg']);
  });

  it('may give the split in a third column, and have a test set that is not used', async () => {
    const data = await csv(
      'img/1.jpg,a,train\nimg/2.jpg,b,train\nimg/3.jpg,a,val\nimg/4.jpg,a,test\n',
    );
    expect([...shown(data, data.train), ...shown(data, data.val)]).toEqual([
      'a/1.jpg',
      'b/2.jpg',
      'a/3.jpg',
    ]);
  });

  it.each([
    [
      'a missing file',
      'img/1.jpg,a\nimg/no.jpg,b\n',
      'img/no.jpg, line 2 of labels.csv, does not exist',
    ],
    ['a folder', 'img,a\nimg/1.jpg,b\n', 'line 1 of labels.csv, does not exist'],
    [
      'a missing label',
      'path,label\nimg/1.jpg,a\nimg/2.jpg\n',
      'Line 3 of labels.csv, has no path and label',
    ],
    [
      'an image twice',
      'img/1.jpg,a\nimg/2.jpg,b\nimg/1.jpg,b\n',
      'img/1.jpg is on line 1 and on line 3 of labels.csv',
    ],
    [
      'an unknown side',
      'img/1.jpg,a,train\nimg/2.jpg,b,dev\n',
      'Line 2 of labels.csv, has the split "dev"',
    ],
    ['a stray quote', 'img/1.jpg,a\n"img/2.jpg,b\n', 'Line 2 of the CSV file has a stray quote'],
  ])('is refused with %s', async (_, text, message) => {
    await expect(csv(text)).rejects.toThrow(message);
  });
});

describe('a fingerprint', () => {
  it('stays when files are renamed or the folder moves', async () => {
    const root = await dataset(...numbered('a', 5), ...numbered('b', 5));
    const before = await readDataset(root);
    await rename(join(root, 'a', '1.jpg'), join(root, 'a', 'first.jpg'));
    const after = await readDataset(root);
    expect(after.fingerprint).toBe(before.fingerprint);
    const places = ({ train }: Dataset) => train.map(({ path }) => path.replace('first', '1'));
    expect(places(after)).toEqual(places(before));
  });

  it('changes with any byte, class or image', async () => {
    const root = await dataset(...numbered('a', 3), ...numbered('b', 3));
    const seen = new Set([(await readDataset(root)).fingerprint]);
    await writePhoto(join(root, 'a', '1.jpg'), 999);
    seen.add((await readDataset(root)).fingerprint);
    await rename(join(root, 'b'), join(root, 'c'));
    seen.add((await readDataset(root)).fingerprint);
    await copyFile(join(root, 'a', '1.jpg'), join(root, 'a', '4.jpg'));
    seen.add((await readDataset(root)).fingerprint);
    await rm(join(root, 'c', '0.jpg'));
    seen.add((await readDataset(root)).fingerprint);
    expect(seen.size).toBe(5);
  });
});

describe('a source without a data set', () => {
  it.each([
    ['nothing', [], 'There are no images in the classes'],
    ['images without classes', ['1.jpg', '2.jpg'], 'There are no images in the classes'],
    ['a single class', ['a/1.jpg', 'a/2.jpg'], 'has only one class, a'],
  ])('is refused: %s', async (_, paths, message) => {
    await expect(readDataset(await dataset(...paths))).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining(message),
    });
  });

  it('is refused when it does not exist', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'empty'));
    await expect(readDataset(join(folder, 'no'))).rejects.toMatchObject({ code: 'file_not_found' });
  });
});

describeWithData('the flower photographs', () => {
  it('are 2,931 and 393 of five kinds, always the same', async () => {
    const data = await readDataset(FLOWERS);
    expect(data.classes).toEqual(['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips']);
    expect([data.train.length, data.val.length]).toEqual([2931, 393]);
    expect(data.fingerprint).toMatch(/^3a88ba11be06/);
  });
});
