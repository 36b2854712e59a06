import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/random.ts';
import { checkDataset } from '../checks/check.ts';
import { readDataset } from '../read.ts';
import { drawPicture } from './draw.ts';
import { FIGURES, type FigureName } from './figures.ts';
import { writeShapes } from './write.ts';

const names = Object.keys(FIGURES) as FigureName[];

/** Coverage of a figure on a grid of 64 × 64. */
function grid(name: FigureName, seed: number): number[][] {
  const coverage = FIGURES[name](seededRandom(seed), 1 / 64);
  const at = Array.from({ length: 64 }, (_, i) => (i + 0.5) / 64 - 0.5);
  return at.map((y) => at.map((x) => coverage(x, y)));
}
const share = (cells: number[][]) => cells.flat().reduce((a, b) => a + b) / 64 ** 2;
/** How often a row goes from outside to inside, on average over the rows. */
const changes = (cells: number[][]) =>
  cells.map((row) => row.filter((v, i) => i > 0 && v > 0.5 !== row[i - 1]! > 0.5).length);

describe('figures', () => {
  it.each(names)('%s covers a part of the image', (name) => {
    for (let seed = 0; seed < 50; seed++) {
      const cells = grid(name, seed);
      expect(cells.flat().every((v) => v >= 0 && v <= 1)).toBe(true);
      expect(share(cells)).toBeGreaterThan(0.02);
      expect(share(cells)).toBeLessThan(0.7);
    }
  });

  it.each(['circle', 'square', 'triangle', 'star'] as const)('%s is centred', (name) => {
    for (let seed = 0; seed < 50; seed++) {
      const cells = grid(name, seed);
      expect([...cells[0]!, ...cells[63]!].every((v) => v === 0)).toBe(true);
      expect(cells.every((row) => row[0] === 0 && row[63] === 0)).toBe(true);
    }
  });

  it('are convex where they should be, and textures alternate', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(Math.max(...changes(grid('square', seed)))).toBe(2);
      expect(Math.max(...changes(grid('triangle', seed)))).toBe(2);
      expect(Math.max(...changes(grid('checkerboard', seed)))).toBeGreaterThan(4);
    }
  });

  it('differ from seed to seed', () => {
    for (const name of names) expect(grid(name, 1)).not.toEqual(grid(name, 2));
  });
});

describe('a picture', () => {
  it('is decided by its seed', () => {
    expect(drawPicture('star', 32, 5)).toEqual(drawPicture('star', 32, 5));
    expect(drawPicture('star', 32, 5)).not.toEqual(drawPicture('star', 32, 6));
    expect(drawPicture('star', 32, 5)).toHaveLength(32 * 32 * 3);
  });
});

describe('the data set of shapes', () => {
  const OPTIONS = { images: 12, size: 48, seed: 3 } as const;

  it('is a sound data set of six classes', async () => {
    const dir = join(await temporaryFolder(), 'shapes');
    const written = await writeShapes(dir, OPTIONS);
    expect(written).toEqual({ classes: names, train: 72, val: 18 });
    const { classes, train, val } = await readDataset(dir);
    expect([classes, train.length, val.length]).toEqual([names, 72, 18]);
    expect((await checkDataset(dir)).findings).toEqual([]);
    expect(await decodeFull(train[0]!.path)).toMatchObject({ width: 48, height: 48 });
    expect(await readdir(join(dir, '..'))).toEqual(['shapes']); // no unfinished folder is left
  });

  it('has the same bytes for the same seed, others for another', async () => {
    const root = await temporaryFolder();
    const fingerprint = async (name: string, seed: number) => {
      await writeShapes(join(root, name), { ...OPTIONS, seed });
      return (await readDataset(join(root, name))).fingerprint;
    };
    const first = await fingerprint('a', 3);
    expect(await fingerprint('b', 3)).toBe(first);
    expect(await fingerprint('c', 4)).not.toBe(first);
  });

  it('is written to an empty folder, and refuses any other', async () => {
    const dir = await temporaryFolder();
    await writeShapes(dir, { ...OPTIONS, images: 4 });
    await expect(writeShapes(dir, OPTIONS)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: `${dir} already exists and is not empty.`,
    });
    const file = join(dir, 'file');
    await writeFile(file, 'mine');
    await expect(writeShapes(file, OPTIONS)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('replaces the rest of an interrupted run', async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, 'shapes.unfinished', 'train', 'circle'), { recursive: true });
    await writeFile(join(root, 'shapes.unfinished', 'train', 'circle', 'old.jpg'), '');
    await writeShapes(join(root, 'shapes'), { ...OPTIONS, images: 4 });
    expect((await readDataset(join(root, 'shapes'))).train).toHaveLength(24);
  });
});
