import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeImageFolders } from '@hebb/test/support/image-files';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { checkDataset } from './checks/check.ts';
import { readDataset } from './read.ts';

/** A folder of two classes with twelve images each, and the given files. */
async function folder(...files: string[]): Promise<string> {
  const root = await temporaryFolder();
  await writeImageFolders(root, ['cat', 'dog'], 12);
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), 'anything');
  }
  return root;
}

const found = async (root: string) =>
  (await checkDataset(root)).findings.map(({ kind, message }) => `${kind}: ${message}`);

describe('files that are left out', () => {
  it.each<[string, string[], string]>([
    [
      'formats that are not read',
      ['cat/a.bmp', 'dog/b.BMP'],
      'left_out: 2 files of format BMP: convert them to PNG or JPEG (cat/a.bmp, …)',
    ],
    [
      'TIFF',
      ['cat/a.tif'],
      'left_out: 1 file of format TIFF: convert it to PNG or JPEG (cat/a.tif)',
    ],
    [
      'what a browser may not show either',
      ['dog/IMG_1.JXL'],
      'left_out: 1 file of format JPEG XL: convert it to PNG or JPEG (dog/IMG_1.JXL)',
    ],
    [
      'names without an extension',
      ['cat/0001', 'cat/0002', 'dog/0003'],
      'left_out: 3 files without an extension: rename them to .jpg, .png, … (cat/0001, …)',
    ],
    [
      'images beside the classes',
      ['loose.jpg'],
      'left_out: 1 file in no class: move it into a folder named after the class (loose.jpg)',
    ],
    [
      'images in hidden folders',
      ['cat/.trash/1.jpg'],
      'left_out: 1 file hidden, or in hidden folders (cat/.trash/1.jpg)',
    ],
    ['texts', ['cat/notes.txt'], 'other_files: 1 file .txt (cat/notes.txt)'],
  ])('are counted: %s', async (_, files, finding) => {
    expect(await found(await folder(...files))).toEqual([finding]);
  });

  it('are counted: links to folders', async () => {
    const root = await folder();
    await symlink(join(root, 'dog'), join(root, 'cat', 'more'));
    expect(await found(root)).toEqual([
      'left_out: 1 link to folders, which are not followed (cat/more)',
    ]);
  });

  it('are counted: the test set of a split', async () => {
    const root = await temporaryFolder();
    for (const side of ['train', 'val', 'test']) {
      await writeImageFolders(join(root, side), ['cat', 'dog'], side === 'train' ? 10 : 1);
    }
    const messages = await found(root);
    expect(messages).toContain(
      'other_files: 2 files of the test set, which is not used (test/cat/0.jpg, …)',
    );
  });

  it('do not include system files and lists beside the classes', async () => {
    const root = await folder('cat/.DS_Store', 'dog/Thumbs.db', 'README', 'labels.csv');
    expect(await found(root)).toEqual([]);
  });

  it('are named when there are no images', async () => {
    const root = await temporaryFolder();
    for (const name of ['cat', 'dog']) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, '1.tiff'), '');
    }
    await expect(readDataset(root)).rejects.toThrow(
      / Left out: 2 files of format TIFF: convert them to PNG or JPEG\.$/,
    );
  });

  it('do not include JPEGs with the extension .jfif', async () => {
    const root = await folder();
    await writeImageFolders(join(root, 'cat'), ['x'], 0);
    const { writeImage } = await import('@hebb/test/support/image-files');
    await writeImage(join(root, 'cat', 'saved.jfif'), 77);
    expect((await checkDataset(root)).images).toBe(25);
  });
});
