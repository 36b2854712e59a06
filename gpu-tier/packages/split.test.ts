import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTestPackage } from '@hebb/test/support/package';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { readPackage, writePackage } from './folder.ts';
import { recordResults } from './record-results.ts';
import { ContentSet, readSplit, splitOf, wasTrainedOn, writeSplit } from './split.ts';

const sha256 = (n: number) => createHash('sha256').update(String(n)).digest('hex');
const images = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ sha256: sha256(from + i) }));

describe('a recorded split', () => {
  it('recognises its images, and no others', () => {
    const split = readSplit(writeSplit(splitOf({ train: images(0, 80), val: images(80, 100) })));
    expect([split.train.size, split.val.size]).toEqual([80, 20]);
    expect(images(0, 80).every(({ sha256 }) => wasTrainedOn(split, sha256))).toBe(true);
    expect(images(80, 200).some(({ sha256 }) => wasTrainedOn(split, sha256))).toBe(false);
    expect(images(80, 100).every(({ sha256 }) => split.val.has(sha256))).toBe(true);
  });

  it('includes the training images of the package that a run started from', () => {
    const first = splitOf({ train: images(0, 10), val: images(10, 12) });
    const second = splitOf({ train: images(20, 30), val: images(5, 7) }, first);
    const third = splitOf({ train: images(40, 50), val: images(50, 52) }, second);
    for (const n of [0, 9, 20, 29, 40]) expect(wasTrainedOn(third, sha256(n))).toBe(true);
    for (const n of [10, 30, 50]) expect(wasTrainedOn(third, sha256(n))).toBe(false);
  });

  it('takes 11 bytes per image, in an order that reveals nothing', () => {
    const [set, reversed] = [images(0, 5000), images(0, 5000).reverse()].map((list) =>
      splitOf({ train: list, val: [] }),
    );
    const text = writeSplit(set!);
    expect(text.length).toBeLessThan(5000 * 11);
    expect(writeSplit(reversed!)).toBe(text);
  });

  it.each([
    ['no JSON', '{'],
    ['of no format', '{}'],
    ['a number', '{"format":"hebb-split/1","train":7}'],
    ['cut off', '{"format":"hebb-split/1","train":"AAAA","val":"","earlier":""}'],
  ])('is refused when it is %s', (_, text) => {
    expect(() => readSplit(text)).toThrow(expect.objectContaining({ code: 'invalid_package' }));
  });

  it('has empty parts without images', () => {
    expect(new ContentSet().toBase64()).toBe('');
    expect(ContentSet.fromBase64('').size).toBe(0);
  });
});

describe('a package', () => {
  const split = writeSplit(splitOf({ train: images(0, 4), val: images(4, 6) }));

  async function recorded() {
    const dir = await temporaryFolder();
    await writeTestPackage(dir, { inputSize: 32, classes: 3 });
    const { manifest, bytes } = await readPackage(dir);
    const { format: _, version: __, files: ___, ...draft } = manifest;
    const content = { manifest: draft, weights: { f32: await bytes('f32') } };
    await writePackage(dir, { ...content, split });
    return { dir, content };
  }

  it('keeps split and version when results are recorded', async () => {
    const { dir } = await recorded();
    const before = (await readPackage(dir)).manifest;
    const after = await recordResults(dir, { metrics: { data: 'x', images: 1 } });
    expect(after.split).toEqual(before.split);
    expect(after.version).toBe(before.version);
    expect(await (await readPackage(dir)).split()).toBe(split);
  });

  it('that replaces another does not keep its split', async () => {
    const { dir, content } = await recorded();
    await writePackage(dir, content);
    expect((await readPackage(dir)).manifest.split).toBeUndefined();
    expect(await readdir(dir)).not.toContain('split.json');
  });

  it('has no split without the file, and refuses a changed one', async () => {
    const { dir } = await recorded();
    const file = join(dir, 'split.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('hebb', 'HEBB'));
    await expect((await readPackage(dir)).split()).rejects.toMatchObject({
      code: 'invalid_package',
    });
    await rm(file);
    expect(await (await readPackage(dir)).split()).toBeUndefined();
  });
});
