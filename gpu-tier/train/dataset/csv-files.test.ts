/** CSV files of other programs. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { findInCsv } from './csv.ts';

/** Class and side by file name. */
async function read(content: string | Uint8Array) {
  const root = await temporaryFolder();
  for (const name of ['1.jpg', '2.jpg', 'ä.jpg', '3.bmp']) await writeFile(join(root, name), '');
  const file = join(root, 'list.csv');
  await writeFile(file, content);
  const { images, leftOut } = await findInCsv(file);
  return {
    images: images.map(({ path, className, side }) =>
      [basename(path), className, side].filter((part) => part !== undefined).join(' '),
    ),
    leftOut: leftOut.map(({ path, reason }) => `${basename(path)} ${reason}`),
  };
}

describe('a CSV file', () => {
  it.each<[string, string]>([
    ['semicolons', 'path;label\n1.jpg;Katze, klein\n2.jpg;Hund\n'],
    ['tabs', 'path\tlabel\n1.jpg\tKatze, klein\n2.jpg\tHund\n'],
    ['quoted commas', 'path,label\n1.jpg,"Katze, klein"\n2.jpg,Hund\n'],
    ['other headings', 'Image_Path;Category\n1.jpg;Katze, klein\n2.jpg;Hund\n'],
    [
      'more columns than are needed',
      'id;filename;x;species\n7;1.jpg;0;Katze, klein\n8;2.jpg;0;Hund\n',
    ],
    ['the label first', 'label;path\nKatze, klein;1.jpg\nHund;2.jpg\n'],
    ['headings in another language', 'Datei;Tier\n1.jpg;Katze, klein\n2.jpg;Hund\n'],
    ['no heading, the label first', 'Katze, klein;1.jpg\nHund;2.jpg\n'],
    ['spaces around its cells', 'path ; label\n 1.jpg ; Katze, klein\n 2.jpg;Hund \n'],
  ])('is read with %s', async (_, text) => {
    expect((await read(text)).images).toEqual(['1.jpg Katze, klein', '2.jpg Hund']);
  });

  it.each<[string, (text: string) => Uint8Array]>([
    ['Latin-1', (text) => Buffer.from(text, 'latin1')],
    ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, as Excel’s “Unicode text”', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ])('is read in %s', async (_, encode) => {
    expect((await read(encode('path;label\r\nä.jpg;Käfer\r\n1.jpg;Köter\r\n'))).images).toEqual([
      'ä.jpg Käfer',
      '1.jpg Köter',
    ]);
  });

  it('may name the column of the side differently', async () => {
    const text = 'filename,class,subset\n1.jpg,a,train\n2.jpg,b,validation\n';
    expect((await read(text)).images).toEqual(['1.jpg a train', '2.jpg b val']);
  });

  it('may use the separators of Windows in paths', async () => {
    expect((await read('path,label\n.\\1.jpg,a\n.\\2.jpg,b\n')).images).toEqual([
      '1.jpg a',
      '2.jpg b',
    ]);
  });

  it('counts listed files that are left out', async () => {
    const text = 'path,label,split\n1.jpg,a,train\n2.jpg,b,test\n3.bmp,b,train\naway.jpg,b,test\n';
    expect((await read(text)).leftOut).toEqual([
      '2.jpg test',
      '3.bmp format BMP',
      'away.jpg test', // files of a test set may be missing
    ]);
  });

  it('is refused with a hint when its columns cannot be identified', async () => {
    await expect(read('Datei;Tier;Farbe\n1.jpg;Katze;rot\n')).rejects.toMatchObject({
      code: 'invalid_dataset',
      message:
        'list.csv does not say which columns hold path and label; its first line is "Datei", "Tier", "Farbe".',
      hint: 'Name the columns in the first line: path, label and, if there is one, split. Columns of classes hold only 0 and 1.',
    });
  });

  it('is refused with a hint when its paths lack an extension', async () => {
    await expect(read('id,label\n1,a\n')).rejects.toMatchObject({ hint: /have an extension/ });
  });
});
