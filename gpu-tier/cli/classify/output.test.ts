import type { ClassifiedLine } from '@hebb/client';
import { describe, expect, it } from 'vitest';
import { csv, ndjson, table } from './output.ts';

const of = (index: number, label: string, score: number) => ({ index, label, score });

/** An answer of a multi-label model that chose the second best class and one beyond the best two. */
const line = (labels: ClassifiedLine['labels']): ClassifiedLine => ({
  index: 0,
  model: { name: 'shop', version: 'f'.repeat(64), precision: 'int8' },
  tier: 'edge',
  why: 'a single image',
  predictions: [of(2, 'lamp', 0.7), of(0, 'table', 0.6)],
  ...(labels && { labels }),
  timing: { decode_ms: 1, infer_ms: 2 },
});
const sent = (labels: ClassifiedLine['labels']) => ({
  input: { name: 'a.jpg', bytes: 1, open: async () => new Blob(['x']) },
  line: line(labels),
});
const CHOSEN = [of(0, 'table', 0.6), of(5, 'chair', 0.3)];

describe('the answer of a multi-label model', () => {
  it('marks the chosen labels in the table, also those beyond the best', () => {
    const text = table(['a.jpg']).of(sent(CHOSEN));
    expect(text.split('\n')).toEqual([
      'a.jpg   70.0 %  lamp',
      '        60.0 %  table ✓',
      '        30.0 %  chair ✓',
      '',
    ]);
  });

  it('is a line of CSV for each chosen label, or one without a class', () => {
    const version = 'f'.repeat(64);
    expect(csv.of(sent(CHOSEN))).toBe(
      `a.jpg,1,table,0.6,edge,${version},\r\na.jpg,2,chair,0.3,edge,${version},\r\n`,
    );
    expect(csv.of(sent([]))).toBe(`a.jpg,,,,edge,${version},\r\n`);
  });

  it('is the API’s answer as JSON', () => {
    expect(JSON.parse(ndjson.of(sent(CHOSEN))).labels).toEqual(CHOSEN);
  });
});

it('other answers have no marks', () => {
  expect(table(['a.jpg']).of(sent(undefined))).toBe(
    'a.jpg   70.0 %  lamp\n        60.0 %  table\n',
  );
});
