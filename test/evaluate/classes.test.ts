import { describe, expect, it } from 'vitest';
import { matchClasses, relabel } from '../../gpu-tier/evaluate/classes.ts';

const LABELS = [
  { id: 'n01440764', name: 'tench, Tinca tinca' },
  { id: 'n01443537', name: 'goldfish' },
  { name: 'Cat' },
];

describe('classes of a data set', () => {
  it('are found among the labels by name or id, in any case of letters', () => {
    expect(matchClasses(['cat', 'n01440764', 'Goldfish'], LABELS)).toEqual([2, 0, 1]);
  });

  it('that the package does not know are named', () => {
    const match = () => matchClasses(['dog', 'cat', 'no "such"'], LABELS);
    expect(match).toThrow('no label "dog", "no \\"such\\""; its labels are "tench, Tinca tinca", ');
    expect(match).toThrow(expect.objectContaining({ code: 'unknown_class' }));
  });

  it('of which hundreds are unknown are counted', () => {
    const many = Array.from({ length: 200 }, (_, i) => `class ${i}`);
    expect(() => matchClasses(many, LABELS)).toThrow('"class 9" and 190 more;');
  });

  it('give examples the labels of the package', () => {
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
