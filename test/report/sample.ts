/**
 * A report with all its parts, from seeded random answers.
 * @module
 */
import type { Answers } from '@hebb/train/evaluate/answers';
import { compareAnswers } from '@hebb/train/evaluate/compare';
import { tableOf } from '@hebb/train/evaluate/ensemble';
import { measure } from '@hebb/train/evaluate/metrics';
import type { ReportData } from '@hebb/train/report/report-data';
import type { EpochLog } from '@hebb/train/run/epoch-log';
import { seededNormal } from '../support/random-weights.ts';

/** n images, cycling through the classes, with mostly correct answers. */
export function sampleAnswers(n: number, classes: number, seed: number, noise = 0): Answers {
  const normal = seededNormal(seed);
  const extra = seededNormal(seed + 1);
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const probabilities = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) {
    const scores = Array.from({ length: classes }, (_, c) =>
      Math.exp((c === labels[i] ? 2.5 : 0) + 1.5 * normal() + noise * extra()),
    );
    const sum = scores.reduce((a, b) => a + b, 0);
    probabilities.set(
      scores.map((score) => score / sum),
      i * classes,
    );
  }
  return { classes, labels, probabilities };
}

export const sampleEpoch = (epoch: number): EpochLog => ({
  epoch,
  step: 92 * epoch,
  size: epoch <= 4 ? 96 : 128,
  rate: 0.1 / epoch,
  loss: 3 / epoch,
  mainLoss: 2 / epoch,
  aux1Loss: 2.2 / epoch,
  aux2Loss: 2.1 / epoch,
  trainTop1: 1 - 0.8 / epoch,
  valLoss: 1.5 / epoch,
  valTop1: 1 - 0.7 / epoch,
  valTop5: 1,
  valRecall: 1 - 0.72 / epoch,
  imagesPerSecond: 123.4,
  waiting: 0.013,
  seconds: 60,
  time: '2026-01-01T00:00:00Z',
});

/** A report with `classes` classes; the names of two contain markup. */
export function sampleReport(classes: readonly string[]): ReportData {
  const float = sampleAnswers(200, classes.length, 5);
  const int8 = sampleAnswers(200, classes.length, 5, 0.5);
  const metrics = measure(int8);
  const agreement = compareAnswers(float, int8);
  const shown = [...metrics.mistakes, ...agreement.differences].map(({ image }) => image);
  return {
    title: 'flowers',
    subtitle: 'A sample',
    created: '2026-01-02T03:04:05.678Z',
    classes,
    curves: Array.from({ length: 10 }, (_, i) => sampleEpoch(i + 1)),
    data: 'flowers/val',
    float: measure(float),
    int8: metrics,
    table: tableOf(
      new Map([
        [1, [{ answers: int8, secondsPerImage: 0.01 }]],
        [144, [{ answers: float, secondsPerImage: 1.5 }]],
      ]),
      'int8',
    ),
    agreement,
    images: new Map(shown.map((image) => [image, { name: `val/<i>${image}</i>.jpg` }])),
    facts: [{ title: 'Configuration', rows: [['note', '"><script>alert(3)</script>']] }],
  };
}

export const HOSTILE = [
  'daisy',
  '<script>alert(1)</script>',
  '" onload="alert(2)" x="',
  "tulips & 'roses'",
  '\u202egnp.reversed',
] as const;
