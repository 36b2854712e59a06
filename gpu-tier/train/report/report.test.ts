import { HOSTILE, sampleAnswers, sampleReport } from '@hebb/test/report/sample';
import { describe, expect, it } from 'vitest';
import { measureMultiLabel } from '../evaluate/multi-label.ts';
import { reportHtml } from './report.ts';

const report = sampleReport(HOSTILE);
const page = reportHtml(report);

/** Cells of the table with this caption, row by row, as text. */
function tableRows(html: string, caption: string): string[][] {
  const body = html.split(`<caption>${caption}</caption>`)[1]!.split('</table>')[0]!;
  return body
    .split('<tr>')
    .slice(2)
    .map((row) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map((cell) =>
        cell[1]!.replace(/<[^>]+>/g, ''),
      ),
    );
}

describe('a report', () => {
  it('has a part for all its data, and links to each', () => {
    const ids = [
      'result',
      'training',
      'models-and-crops',
      'confusion',
      'classes',
      'calibration',
      'quantization',
      'mistakes',
      'facts',
    ];
    for (const id of ids) {
      expect(page).toContain(`<section id="${id}"`);
      expect(page).toContain(`<a href="#${id}">`);
    }
  });

  it('leaves out parts without data', () => {
    const {
      curves: _,
      int8: __,
      agreement: ___,
      images: ____,
      facts: _____,
      table: ______,
      ...little
    } = report;
    const short = reportHtml(little);
    for (const id of ['training', 'models-and-crops', 'quantization', 'facts'])
      expect(short).not.toContain(`id="${id}"`);
    expect(short).toContain('top-1 in float32');
    const { float: _______, ...nothing } = little;
    expect(reportHtml(nothing)).toContain('<h1>flowers</h1>');
  });

  it('shows the confusion matrix', () => {
    const { confusion, classes } = report.int8!;
    const rows = tableRows(page, 'Images by class (rows) and answer (columns)');
    const counts = rows.map((row) => row.slice(1).map(Number));
    for (const { label, answer, count } of confusion) expect(counts[label]![answer]).toBe(count);
    const sum = counts.flat().reduce((a, b) => a + b, 0);
    expect(sum).toBe(report.int8!.images);
    expect(classes).toHaveLength(5);
  });

  it('shows the error by models and crops', () => {
    const rows = tableRows(page, 'Error of int8 by models and crops');
    const percent = (share: number) => `${(100 * share).toFixed(2)}\u00a0%`;
    const [one, many] = report.table!;
    expect(rows[0]!.slice(0, 4)).toEqual(['1', '1', '1', percent(one!.top1Error)]);
    expect(rows[1]!.slice(0, 4)).toEqual(['1', '144', '144', percent(many!.top1Error)]);
    const { error, temperatures } = many!.withTemperature;
    const [a, b] = temperatures.map((t) => String(Number(t.toPrecision(3))));
    expect(rows[1]!.slice(-2)).toEqual([`${percent(error)} (${a}, ${b})`, '1.5']);
  });

  it('shows precision and recall beside their chart', () => {
    const rows = tableRows(page, 'All classes');
    const { precision, recall } = report.int8!.classes[0]!;
    const percent = (share: number) => `${(100 * share).toFixed(1)}\u00a0%`;
    expect(rows[0]!.slice(0, 4)).toEqual(['daisy', '40', percent(precision!), percent(recall!)]);
  });

  it('has the numbers of the curves in a table', () => {
    const rows = tableRows(page, 'Epochs');
    expect(rows).toHaveLength(10);
    expect(rows[1]!.slice(0, 7)).toEqual(['2', '96', '0.05', '1.5', '1', '1.1', '1.05']);
  });

  it('has no external content and no script', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|<object|@import|url\(/i);
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:image\/jpeg;base64,)/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('shows hostile names as text', () => {
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<[^>]*\bonload=/);
    expect(page).toContain('<bdi>val/&lt;i&gt;');
  });

  it('gives every chart a title and a description', () => {
    const pictures = [...page.matchAll(/<svg [^>]*role="img" aria-labelledby="([^"]+)"/g)];
    expect(pictures).toHaveLength(8);
    for (const [, ids] of pictures) {
      for (const id of ids!.split(' ')) expect(page.split(`id="${id}"`)).toHaveLength(2);
    }
  });

  it('of hundreds of classes lists confusions instead of a matrix', () => {
    const many = reportHtml(sampleReport(Array.from({ length: 120 }, (_, i) => `class ${i}`)));
    expect(many).not.toContain('class="matrix"');
    expect(tableRows(many, 'The weakest classes')).toHaveLength(30);
    expect(many).toContain('All 120 classes');
  });

  it('of perfect answers has no mistakes', () => {
    const perfect = {
      ...report.int8!,
      mistakes: [],
      confusion: [{ label: 0, answer: 0, count: 200 }],
    };
    const { agreement: _, ...rest } = report;
    const text = reportHtml({ ...rest, int8: perfect });
    expect(text).toContain('There are no confusions.');
    expect(text).toContain('There are none.');
  });
});

describe('the report of a multi-label package', () => {
  const labels = HOSTILE.map((name) => ({ name, threshold: 0.4 }));
  const { classes, labels: ones, probabilities } = sampleAnswers(60, HOSTILE.length, 5);
  // Every image shows its class and the next, except each tenth, which shows none.
  const sets = Array.from(ones, (label, i) =>
    i % 10 === 0 ? [] : [label, (label + 1) % classes].sort((a, b) => a - b),
  );
  const metrics = measureMultiLabel({ classes, labels: ones, probabilities, sets }, labels);
  const { float: _, int8: __, agreement: ___, ...rest } = report;
  const text = reportHtml({ ...rest, multiLabel: { float: metrics, int8: metrics, agreement: 1 } });

  it('has mean average precision, classes with their thresholds, and mistakes', () => {
    for (const id of ['result', 'training', 'classes', 'mistakes', 'facts']) {
      expect(text).toContain(`<section id="${id}"`);
    }
    for (const id of ['confusion', 'calibration', 'quantization']) {
      expect(text).not.toContain(`<section id="${id}"`);
    }
    const rows = tableRows(text, 'All classes');
    expect(rows).toHaveLength(5);
    const { averagePrecision, images } = metrics.classes[0]!;
    const share = `${(100 * averagePrecision!).toFixed(1)}\u00a0%`;
    expect(rows[0]!.slice(0, 4)).toEqual([
      'daisy',
      String(images),
      expect.stringContaining(share),
      '0.4',
    ]);
    const marked = rows.filter(([, , cell]) => cell!.startsWith('▼'));
    expect(marked).toHaveLength(2);
  });

  it('shows hostile names as text', () => {
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toMatch(/<[^>]*\bonload=/);
  });
});

describe('recall', () => {
  it('is shown for every class, its mean, and the lowest marked', () => {
    const { recall, classes } = report.int8!;
    expect(page).toContain(`mean recall ${(100 * recall).toFixed(1)}\u00a0%`);
    const rows = tableRows(page, 'All classes');
    const lowest = Math.min(...classes.map((row) => row.recall!));
    const marked = rows.filter(([, , , cell]) => cell!.startsWith('▼ '));
    expect(marked.map(([, , , cell]) => cell)).toEqual([`▼ ${(100 * lowest).toFixed(1)}\u00a0%`]);
  });
});
