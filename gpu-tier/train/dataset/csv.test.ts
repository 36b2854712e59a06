import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv-text.ts';

const cells = (text: string) => parseCsv(text).map((row) => row.cells);

describe('a CSV text', () => {
  it('has rows of cells, with any line ending', () => {
    expect(cells('a.jpg,cat\nb.jpg,dog\r\nc.jpg,cat')).toEqual([
      ['a.jpg', 'cat'],
      ['b.jpg', 'dog'],
      ['c.jpg', 'cat'],
    ]);
    expect(cells('a,b\n')).toEqual([['a', 'b']]);
    expect(cells('')).toEqual([]);
  });

  it('may quote cells with commas, quotes and line breaks', () => {
    expect(cells('"a,b.jpg","say ""cat"""\n"two\nlines",x\n')).toEqual([
      ['a,b.jpg', 'say "cat"'],
      ['two\nlines', 'x'],
    ]);
  });

  it('may begin with a byte order mark and hold empty cells and lines', () => {
    expect(cells('\uFEFFpath,label\n\n,cat\na.jpg,\n')).toEqual([
      ['path', 'label'],
      ['', 'cat'],
      ['a.jpg', ''],
    ]);
  });

  it('counts lines as an editor does', () => {
    expect(parseCsv('a,b\n\n"x\ny",c\nd,e').map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it.each(['a,"b\nc,d', 'a,b"c\n', '"a"b,c'])('is refused with a stray quote: %j', (text) => {
    expect(() => parseCsv(text)).toThrow(/has a stray quote/);
  });
});
