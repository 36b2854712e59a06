import { describe, expect, it } from 'vitest';
import { parseLabels } from './labels.ts';

describe('a file of labels', () => {
  it('separates the ids of synsets', () => {
    expect(parseLabels('n01440764 tench, Tinca tinca\nn01443537 goldfish\n')).toEqual([
      { id: 'n01440764', name: 'tench, Tinca tinca' },
      { id: 'n01443537', name: 'goldfish' },
    ]);
  });

  it('accepts plain names', () => {
    expect(parseLabels('daisy\r\nn95 mask\r\n\r\n')).toEqual([
      { name: 'daisy' },
      { name: 'n95 mask' },
    ]);
  });

  it('ignores a byte order mark', () => {
    expect(parseLabels('\uFEFFn01440764 tench')).toEqual([{ id: 'n01440764', name: 'tench' }]);
  });

  it('reports the number of an empty line', () => {
    expect(() => parseLabels('a\n\nc\n')).toThrow('Line 2 of the labels is empty.');
  });
});
