import { describe, expect, it } from 'vitest';
import { matchClasses, relabel } from './classes.ts';

const LABELS = [
  { id: 'n01440764', name: 'tench, Tinca tinca' },
  { id: 'n01443537', name: 'goldfish' },
  { name: 'Cat' },
];

describe('classes of a data set', () => {
  it('are matched to labels by name or id, in upper or lower case', () => {
    expect(matchClasses(['cat', 'n01440764', 'Goldfish'], LABELS)).toEqual([2, 0, 1]);
  });

  it('without a label are named', () => {
    const match = () => matchClasses(['dog', 'cat', 'no "such"'], LABELS);
    expect(match).toThrow('no label "dog", "no \\"such\\""; its labels are "tench, Tinca tinca", ');
    expect(match).toThrow(expect.objectContaining({ code: 'unknown_class' }));
  });

  it('without a label are counted when there are hundreds', () => {
    const many = Array.from({ length: 200 }, (_, i) => `class ${i}`);
    expect(() => matchClasses(many, LABELS)).toThrow('"class 9" and 190 more;');
  });

  it('give examples the package’s label indices', () => {
    const examples = [
      { path: '/a', label: 1 },
      { path: '/b', label: 0 },
    ];
    expect(relabel(examples, ['cat', 'goldfish'], LABELS)).toEqual([
      { path: '/a', label: 1 },
      { path: '/b', label: 2 },
    ]);
  });
});
