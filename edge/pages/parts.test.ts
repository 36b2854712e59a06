/**
 * Functions of the pages that need no browser: agreement, the map's words, the crop, portions, CSV.
 */

import type { Line } from '@hebb/client';
import type { Preprocessing } from '@hebb/model';
import { describe, expect, it } from 'vitest';
import { namesIn, percent } from './format.ts';
import { toCsv } from './many/csv.ts';
import { portions } from './many/portions.ts';
import { agreement } from './one/compare.ts';
import { placeOf } from './one/heat-map.ts';
import { seenPart } from './one/picture.ts';

describe('agreement', () => {
  const edge = { who: 'the edge', classes: [1], scores: [0.1, 0.6, 0.3] };

  it('is the same class, and the largest difference of scores', () => {
    const gpu = { who: 'the GPU tier', classes: [1], scores: [0.05, 0.61, 0.34] };
    const { same, largest } = agreement([edge, gpu]);
    expect(same).toBe(true);
    expect(largest.index).toBe(0);
    expect(largest.difference).toBeCloseTo(0.05);
  });

  it('does not hold if one of three has another class', () => {
    const other = { who: 'this browser', classes: [2], scores: [0.1, 0.4, 0.5] };
    expect(agreement([edge, edge, other]).same).toBe(false);
  });

  it('of a multi-label model is the same labels in any order', () => {
    const showing = (...classes: number[]) => ({ ...edge, classes });
    expect(agreement([showing(3, 1), showing(1, 3)]).same).toBe(true);
    expect(agreement([showing(3, 1), showing(3)]).same).toBe(false);
    expect(agreement([showing(), showing()]).same).toBe(true);
  });

  it('reports no difference between equal answers', () => {
    expect(agreement([edge, edge]).largest.difference).toBe(0);
  });
});

describe('the labels of a multi-label answer', () => {
  const answer = (...indices: number[]) => {
    const labels = indices.map((index) => ({ index, label: `class ${index}`, score: 0.9 }));
    return { predictions: labels.slice(0, 5), labels };
  };

  it('are named, the first twelve of many', () => {
    expect(namesIn(answer())).toBe('none of the classes');
    expect(namesIn(answer(3, 1))).toBe('class 3, class 1');
    const all = Array.from({ length: 1000 }, (_, index) => index);
    expect(namesIn(answer(...all))).toMatch(/^class 0, .*, class 11 and 988 more$/);
  });
});

describe('the part of a picture that the network sees', () => {
  const model = { resize: { rule: 'shorter-side', size: 256 }, crop: 224 } as Preprocessing;

  it('is a square of 224/256 of the shorter side', () => {
    expect(seenPart(480, 400, model)).toEqual({ width: 350 / 480, height: 0.875 });
    expect(seenPart(400, 480, model)).toEqual({ width: 0.875, height: 350 / 480 });
  });

  it('is 224/256 of both sides if pictures are warped', () => {
    const warped: Preprocessing = { ...model, resize: { rule: 'warp', size: 256 } };
    expect(seenPart(480, 400, warped)).toEqual({ width: 0.875, height: 0.875 });
  });
});

it.each([
  ['top left', 0],
  ['centre', 4],
  ['right', 5],
  ['bottom', 7],
])('the largest fall is found at the %s', (place, at) => {
  const drop = new Float32Array(9).fill(-0.1);
  drop[at] = 0.2;
  expect(placeOf({ drop, size: 3 })).toBe(place);
});

describe('portions', () => {
  /** A file of which only the size is used. */
  const file = (size: number) => ({ size }) as File;
  const sizes = (files: readonly File[]) => portions(files).map((part) => part.map((f) => f.size));

  it('are as few requests as possible, in order', () => {
    const files = [50e6, 30e6, 20e6, 95e6, 1, 2].map(file);
    expect(sizes(files)).toEqual([[50e6, 30e6], [20e6], [95e6], [1, 2]]);
  });

  it('have at most 500 images', () => {
    const counts = sizes(Array.from({ length: 1001 }, () => file(1))).map(({ length }) => length);
    expect(counts).toEqual([500, 500, 1]);
  });
});

describe('results as CSV', () => {
  const answer = (index: number, ...labels: string[]): Line => ({
    index,
    name: `${index}.jpg`,
    model: { name: 'flowers', version: 'f00d', precision: 'int8' },
    tier: 'edge',
    why: 'a small batch',
    predictions: labels.map((label, i) => ({ index: i, label, score: 0.5 })),
    timing: { decode_ms: 3, infer_ms: 20 },
  });
  const error = { code: 'broken_image', message: 'It says "no",\nat once.', hint: '' } as const;

  it('has the same number of columns in every row', () => {
    const csv = toCsv([answer(0, 'goldfish, Carassius auratus', 'tench'), { index: 1, error }]);
    expect(csv.split('\r\n')).toEqual([
      'index,name,label,score,tier,precision,model,version,label_2,score_2,decode_ms,infer_ms,error,message',
      '0,0.jpg,"goldfish, Carassius auratus",0.5,edge,int8,flowers,f00d,tench,0.5,3,20,,',
      '1,,,,,,,,,,,,broken_image,"It says ""no"",\nat once."',
      '',
    ]);
  });

  it('has the labels that a multi-label model chose, not the best classes', () => {
    const line = answer(0, 'lamp', 'table');
    const labels = [{ index: 1, label: 'table', score: 0.4 }];
    const rows = toCsv([
      { ...line, labels },
      { ...line, labels: [] },
    ]).split('\r\n');
    expect(rows.slice(1, 3)).toEqual([
      '0,0.jpg,table,0.4,edge,int8,flowers,f00d,3,20,,',
      '0,0.jpg,,,edge,int8,flowers,f00d,3,20,,',
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@sum', '\tx'])(
    'does not make a formula of a file called %s',
    (name) => {
      expect(toCsv([{ index: 0, name, error }])).toContain(`,'${name},`);
    },
  );
});

it.each([
  [0, '0.0 %'],
  [0.0004, '< 0.1 %'],
  [0.659802, '66.0 %'],
  [1, '100.0 %'],
])('a score of %s is %s', (score, text) => expect(percent(score)).toBe(text));
