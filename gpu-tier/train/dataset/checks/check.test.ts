import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { photo, writePhoto } from '@hebb/test/support/photos';
import { temporaryFolder } from '@hebb/test/support/temporary';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../read.ts';
import { checkDataset } from './check.ts';
import { fixDataset } from './fix.ts';

/** A data set without findings: 12 images per class on each given side. */
async function soundDataset(...folders: string[]): Promise<string> {
  const root = join(await temporaryFolder(), 'photos');
  const paths = folders.flatMap((folder) =>
    Array.from({ length: 12 }, (_, i) => `${folder}/${i}.jpg`),
  );
  await Promise.all(paths.map((path, i) => writePhoto(join(root, path), i)));
  return root;
}

async function found(source: string) {
  const { findings } = await checkDataset(source);
  return findings.map(({ kind, message }) => `${kind} ${message}`);
}

/** Relative paths of all files below a folder. */
async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('checking a data set', () => {
  it('finds nothing in a sound data set', async () => {
    const root = await soundDataset('a', 'b');
    let progress = 0;
    const result = await checkDataset(root, { onProgress: (done) => (progress = done) });
    expect(result).toEqual({ images: 24, classes: ['a', 'b'], findings: [] });
    expect(progress).toBe(24);
  });

  it('names files that do not decode, with the reason', async () => {
    const root = await soundDataset('a', 'b');
    const whole = await photo(1, { width: 400, height: 300 });
    await writeFile(join(root, 'a', 'cut.jpg'), whole.subarray(0, whole.length * 0.95));
    await writeFile(join(root, 'a', 'empty.jpg'), '');
    await writeFile(join(root, 'b', 'text.png'), 'This is no picture.');
    const png = await sharp(whole).png().toBuffer();
    await writeFile(join(root, 'b', 'cut.png'), png.subarray(0, png.length / 2));
    await writeFile(join(root, 'b', 'head.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xd9]));
    expect(await found(root)).toEqual([
      'unreadable a/cut.jpg: it is cut off',
      'unreadable a/empty.jpg: it is empty',
      'unreadable b/cut.png: it is cut off',
      expect.stringMatching(/^unreadable b\/head\.jpg: it is /),
      'unreadable b/text.png: it is not a JPEG, PNG, WebP, AVIF, GIF or HEIC',
    ]);
  });

  it('names images with corrupt parts, which training and production refuse', async () => {
    const root = await soundDataset('a', 'b');
    const whole = await photo(1, { width: 400, height: 300 });
    const middle = whole.length >> 1;
    whole.set([0xff, 0xd0], middle); // a marker in the middle of the scan
    await writeFile(join(root, 'a', 'corrupt.jpg'), whole);
    expect(await found(root)).toEqual([
      expect.stringMatching(/^unreadable a\/corrupt\.jpg: it is broken \(.*libjpeg/),
    ]);
  });

  it('accepts every format of training', async () => {
    const root = await soundDataset('a', 'b');
    const picture = sharp(await photo(1));
    await writeFile(join(root, 'a', 'x.png'), await picture.clone().png().toBuffer());
    await writeFile(join(root, 'a', 'x.webp'), await picture.clone().webp().toBuffer());
    await writeFile(join(root, 'a', 'x.gif'), await picture.clone().gif().toBuffer());
    await writeFile(join(root, 'a', 'x.avif'), await picture.clone().avif().toBuffer());
    await writeFile(
      join(root, 'b', 'grey.jpg'),
      await picture.clone().greyscale().jpeg().toBuffer(),
    );
    expect(await found(root)).toEqual([]);
  });

  it('names copies: within a class, in two classes, on both sides', async () => {
    const root = await soundDataset('train/a', 'train/b', 'val/a', 'val/b');
    const copy = (from: string, to: string) => copyFile(join(root, from), join(root, to));
    await copy('train/a/3.jpg', 'train/a/again.jpg');
    await copy('train/a/4.jpg', 'train/b/other.jpg');
    await copy('val/b/5.jpg', 'train/b/seen.jpg');
    expect(await found(root)).toEqual([
      'contradiction train/a/4.jpg = train/b/other.jpg',
      'leak train/b/seen.jpg = val/b/5.jpg',
      'duplicate train/a/3.jpg = train/a/again.jpg',
    ]);
  });

  it('names empty, small, unvalidated and unbalanced classes', async () => {
    const root = await soundDataset('train/a', 'train/c', 'val/a', 'val/c');
    await writePhoto(join(root, 'train/b/only.jpg'), 777);
    await mkdir(join(root, 'train', 'nothing'));
    expect(await found(root)).toEqual([
      'empty_class nothing: no image',
      'tiny_class b: 1 to train on',
      'unvalidated_class b: none to validate on',
      'unbalanced a has 12 images to train on, b has 1: train with --balance weights',
    ]);
  });

  it('counts the training images that are left after a split', async () => {
    const root = await temporaryFolder();
    for (let i = 0; i < 20; i++) await writePhoto(join(root, i < 11 ? 'a' : 'b', `${i}.jpg`), i);
    expect(await found(root)).toEqual([
      'tiny_class a: 9 to train on',
      'tiny_class b: 8 to train on',
    ]);
  });

  it('names images that are very small', async () => {
    const root = await soundDataset('a', 'b');
    await writePhoto(join(root, 'a', 'icon.jpg'), 99, { width: 16, height: 60 });
    expect(await found(root)).toEqual(['tiny_image a/icon.jpg: 16 pixels']);
  });

  it('is refused without a data set', async () => {
    await expect(checkDataset(await soundDataset('a'))).rejects.toMatchObject({
      code: 'invalid_dataset',
    });
  });
});

describe('fixing a data set', () => {
  it('moves bad files beside it, records their paths, and leaves no finding', async () => {
    const root = await soundDataset('train/a', 'train/b', 'val/a', 'val/b');
    await writeFile(join(root, 'train/a/cut.jpg'), (await photo(5)).subarray(0, 500));
    await copyFile(join(root, 'train/a/3.jpg'), join(root, 'train/a/again.jpg'));
    await copyFile(join(root, 'train/a/4.jpg'), join(root, 'val/b/other.jpg'));
    await copyFile(join(root, 'val/b/5.jpg'), join(root, 'train/b/seen, twice.jpg'));
    const before = await files(root);
    const fixed = await fixDataset(root, (await checkDataset(root)).findings);
    expect(fixed).toMatchObject({ source: root, quarantine: `${root}-quarantine` });
    const moved = [
      'contradiction/train/a/4.jpg',
      'contradiction/val/b/other.jpg',
      'duplicate/train/a/again.jpg',
      'leak/train/b/seen, twice.jpg',
      'unreadable/train/a/cut.jpg',
    ];
    expect(await files(`${root}-quarantine`)).toEqual([...moved, 'moved.csv'].sort());
    expect(await readFile(join(`${root}-quarantine`, 'moved.csv'), 'utf8')).toContain(
      '"train/b/seen, twice.jpg","leak/train/b/seen, twice.jpg",leak\n',
    );
    expect(fixed.removed).toHaveLength(moved.length);
    expect(await files(root)).toHaveLength(before.length - moved.length);
    expect(await found(root)).toEqual([]);
  });

  it('overwrites nothing in quarantine', async () => {
    const root = await soundDataset('a', 'b');
    for (const content of ['first', 'second']) {
      await writeFile(join(root, 'a', 'bad.jpg'), content);
      await fixDataset(root, (await checkDataset(root)).findings);
    }
    const folder = join(`${root}-quarantine`, 'unreadable', 'a');
    expect(await files(folder)).toEqual(['bad-2.jpg', 'bad.jpg']);
    expect(await readFile(join(folder, 'bad.jpg'), 'utf8')).toBe('first');
  });

  it('changes nothing when no file can be moved', async () => {
    const root = await soundDataset('a', 'b');
    const before = await files(join(root, '..'));
    expect(await fixDataset(root, (await checkDataset(root)).findings)).toEqual({
      source: root,
      removed: [],
    });
    expect(await files(join(root, '..'))).toEqual(before);
  });

  it('writes a new CSV file without the bad lines', async () => {
    const root = await soundDataset('a', 'b');
    await copyFile(join(root, 'a/1.jpg'), join(root, 'a/1, again.jpg'));
    const csv = join(root, 'labels.csv');
    const lines = (await files(root)).map(
      (file) => `"${file}",${file[0]},${/9/.test(file) ? 'val' : 'train'}`,
    );
    await writeFile(csv, `path,label,split\n${lines.join('\n')}\n`);
    const fixed = await fixDataset(csv, (await checkDataset(csv)).findings);
    expect(basename(fixed.source)).toBe('labels.fixed.csv');
    expect(fixed.removed).toHaveLength(1);
    expect(await found(fixed.source)).toEqual([]);
    const [all, less] = [await readDataset(csv), await readDataset(fixed.source)];
    expect([less.train.length, less.val.length]).toEqual([all.train.length - 1, all.val.length]);
    expect(await files(root)).toHaveLength(24 + 3);
  });
});
