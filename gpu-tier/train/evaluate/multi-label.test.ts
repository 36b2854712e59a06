import { describe, expect, it } from 'vitest';
import { ComparisonCounter, closeness } from '../quantize/evaluate.ts';
import { checkGate, topOneLoss } from '../quantize/gate.ts';
import {
  agreementOf,
  averagePrecision,
  bestThreshold,
  chosen,
  type MultiLabelAnswers,
  meanAveragePrecision,
  measureMultiLabel,
  withThresholds,
} from './multi-label.ts';

/** Scores, and 1 for the images that show the class. */
const of = (scores: readonly number[], shows: readonly number[]) => ({
  scores: Float32Array.from(scores),
  shows: shows.map(Boolean),
});

describe('average precision', () => {
  it('is that of scikit-learn’s example', () => {
    // average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) is 0.83…
    expect(averagePrecision(of([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))).toBeCloseTo(0.8333, 4);
  });

  it('is 1 for a perfect ranking, and the share of positives where all scores are equal', () => {
    expect(averagePrecision(of([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]))).toBe(1);
    expect(averagePrecision(of([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0]))).toBe(0.25);
  });

  it('is unknown for a class that no image shows', () => {
    expect(averagePrecision(of([0.5, 0.4], [0, 0]))).toBeUndefined();
  });
});

describe('the best threshold', () => {
  it('lies between the scores that it separates', () => {
    expect(bestThreshold(of([0.9, 0.8, 0.7, 0.3, 0.1], [1, 1, 1, 0, 0]))).toBeCloseTo(0.5);
  });

  it('gives the largest F1 of all thresholds', () => {
    const sample = of([0.9, 0.6, 0.55, 0.4, 0.3, 0.2, 0.05], [1, 0, 1, 1, 0, 0, 0]);
    const f1 = (threshold: number) => {
      const answers = [...sample.scores].map((score) => score >= threshold);
      const right = answers.filter((answer, i) => answer && sample.shows[i]).length;
      return (2 * right) / (answers.filter(Boolean).length + 3);
    };
    const all = Array.from({ length: 101 }, (_, i) => f1(i / 100));
    expect(f1(bestThreshold(sample)!)).toBe(Math.max(...all));
  });

  it('separates scores that differ only in the seventh digit', () => {
    const [low, high] = [1 - 2 ** -23, 1 - 2 ** -24]; // neighbouring float32 numbers
    const threshold = bestThreshold(of([high, high, high, low, low], [1, 1, 1, 0, 0]))!;
    expect(threshold).toBeGreaterThan(low);
    expect(threshold).toBeLessThanOrEqual(high);
  });

  it('is left to 0.5 where fewer than three images show the class', () => {
    expect(bestThreshold(of([0.9, 0.8, 0.1], [1, 1, 0]))).toBeUndefined();
    const labels = withThresholds([{ name: 'rare', threshold: 0.9 }], {
      classes: 1,
      labels: new Int32Array(2),
      sets: [[0], []],
      probabilities: Float32Array.of(0.9, 0.2),
    });
    expect(labels).toEqual([{ name: 'rare' }]);
    expect(chosen(Float32Array.of(0.5), labels)).toEqual([0]);
  });
});

/** Three images and two classes; the second image shows nothing. */
const answers = (probabilities: readonly number[]): MultiLabelAnswers => ({
  classes: 2,
  labels: new Int32Array(3),
  sets: [[0, 1], [], [1]],
  probabilities: Float32Array.from(probabilities),
});
const LABELS = [{ name: 'a', threshold: 0.6 }, { name: 'b' }];

describe('the metrics of multi-label answers', () => {
  const metrics = measureMultiLabel(answers([0.7, 0.9, 0.65, 0.1, 0.2, 0.4]), LABELS);

  it('count the decisions at the thresholds', () => {
    const [a, b] = metrics.classes;
    expect(a).toMatchObject({ images: 1, threshold: 0.6, precision: 0.5, recall: 1 });
    expect(b).toMatchObject({ images: 2, threshold: 0.5, precision: 1, recall: 0.5 });
    expect(metrics.exact).toBeCloseTo(1 / 3);
    expect(metrics.f1).toBeCloseTo((2 * 2) / (3 + 3));
    expect(metrics.meanAveragePrecision).toBe(1); // the rankings are right
  });

  it('name what was missed and what was wrong, the largest errors first', () => {
    expect(metrics.mistakes.map(({ image, missed, wrong }) => [image, missed, wrong])).toEqual([
      [1, [], [0]],
      [2, [1], []],
    ]);
  });

  it('compare two precisions by the mean overlap of their sets', () => {
    const a = answers([0.7, 0.9, 0.1, 0.1, 0.2, 0.6]);
    const b = answers([0.8, 0.2, 0.1, 0.1, 0.2, 0.4]);
    expect(agreementOf(a, b, LABELS)).toBeCloseTo((1 / 2 + 1 + 0) / 3);
    expect(agreementOf(a, a, LABELS)).toBe(1);
  });

  it('need images, and finite probabilities', () => {
    const none = { ...answers([]), sets: [] };
    expect(() => measureMultiLabel(none, LABELS)).toThrow('There are no images');
    const broken = answers([Number.NaN, 0, 0, 0, 0, 0]);
    expect(() => measureMultiLabel(broken, LABELS)).toThrow('not finite');
  });
});

describe('the gate of a multi-label package', () => {
  const counter = () =>
    new ComparisonCounter({
      labels: LABELS,
      network: { variant: 'lrn', classes: 2, inputSize: 64, output: 'sigmoid' },
    });

  it('compares sets of labels and mean average precision', () => {
    const counted = counter();
    counted.add(Float32Array.of(0.9, 0.2), Float32Array.of(0.1, 0.2), [0]);
    counted.add(Float32Array.of(0.2, 0.7), Float32Array.of(0.3, 0.6), [1]);
    counted.add(Float32Array.of(0.1, 0.1), Float32Array.of(0.2, 0.1), undefined);
    const comparison = counted.result();
    expect(comparison.agreement).toBeCloseTo(200 / 3);
    expect(comparison.labelled).toBe(2);
    expect(comparison.float).toBeUndefined();
    expect(comparison.meanAveragePrecision).toEqual({ float: 100, int8: 75 });
    expect(topOneLoss(comparison)).toBe(25);
    expect(() => checkGate(comparison, { maxLoss: 1, minAgreement: 0 })).toThrow(
      'int8 loses 25.00 points of mean average precision',
    );
  });

  it('measures the distance of two answers class by class', () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const float = [Float32Array.of(logit(0.9), logit(0.9))]; // no distribution: the sum is not 1
    const of = (int8: readonly number[]) =>
      closeness(float, [Float32Array.from(int8, logit)], [undefined], 'sigmoid');
    expect(of([0.9, 0.9])).toMatchObject({ divergence: expect.closeTo(0, 6), agreement: 100 });
    const expected = 0.9 * Math.log(0.9 / 0.5) + 0.1 * Math.log(0.1 / 0.5);
    expect(of([0.5, 0.9]).divergence).toBeCloseTo(expected, 5);
    expect(of([0.4, 0.9]).agreement).toBe(0);
  });

  it('is a number where all logits are 0, because the manifest records it', () => {
    const zeros = [new Float32Array(2)];
    const expected = { decibels: 200, divergence: 0, agreement: 100 };
    for (const answer of ['softmax', 'sigmoid'] as const) {
      expect(closeness(zeros, zeros, [undefined], answer)).toEqual(expected);
    }
  });
});

it('mean average precision leaves out classes that no image shows', () => {
  const three: MultiLabelAnswers = {
    classes: 2,
    labels: new Int32Array(2),
    sets: [[0], []],
    probabilities: Float32Array.of(0.9, 0.1, 0.2, 0.8),
  };
  expect(meanAveragePrecision(three)).toBe(1);
});
