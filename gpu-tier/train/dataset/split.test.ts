import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { splitClass } from './split.ts';

const image = (content: number, name = `${content}`) => ({
  name,
  sha256: createHash('sha256').update(`${content}`).digest('hex'),
});
const images = (count: number) => Array.from({ length: count }, (_, i) => image(i));
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort();

describe('splitting a class', () => {
  it('puts the given share on the validation side', () => {
    const { train, val } = splitClass(images(200), 0.15, 1);
    expect([train.length, val.length]).toEqual([170, 30]);
    expect(names([...train, ...val])).toEqual(names(images(200)));
  });

  it('leaves at least one image on each side', () => {
    expect(splitClass(images(2), 0.15, 1).val).toHaveLength(1);
    expect(splitClass(images(3), 0.99, 1).train).toHaveLength(1);
    expect(splitClass(images(1), 0.5, 1)).toMatchObject({ train: [{ name: '0' }], val: [] });
  });

  it('has no validation images for a share of 0', () => {
    expect(splitClass(images(20), 0, 1).val).toEqual([]);
  });

  it('depends on the seed, not on order and names', () => {
    const val = names(splitClass(images(100), 0.2, 1).val);
    expect(names(splitClass(images(100).reverse(), 0.2, 1).val)).toEqual(val);
    expect(names(splitClass(images(100), 0.2, 2).val)).not.toEqual(val);
  });

  it('moves few images when one is added', () => {
    const before = new Set(names(splitClass(images(100), 0.2, 1).val));
    const after = names(splitClass(images(101), 0.2, 1).val);
    expect(after.filter((name) => !before.has(name)).length).toBeLessThanOrEqual(1);
  });

  it('never has copies of one image on both sides', () => {
    const copies = images(10).flatMap(({ name }) =>
      [1, 2, 3].map((copy) => image(Number(name), `${name}.${copy}`)),
    );
    for (let seed = 0; seed < 20; seed++) {
      const { train, val } = splitClass(copies, 0.25, seed);
      const contents = new Set(val.map(({ sha256 }) => sha256));
      expect(train.some(({ sha256 }) => contents.has(sha256))).toBe(false);
      expect(val.length).toBe(6); // 8 were wanted, but copies of the third image stay together
    }
  });
});
