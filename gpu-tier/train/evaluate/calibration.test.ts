import { sampleAnswers } from '@hebb/test/report/sample';
import { describe, expect, it } from 'vitest';
import { type Answers, topAnswer } from './answers.ts';
import { crossFit, fitTemperature, withTemperature } from './calibration.ts';
import { measure } from './metrics.ts';

const answers = sampleAnswers(400, 5, 3);
const all = [...answers.labels.keys()];
const best = fitTemperature(answers, all);

/** Mean cross-entropy of some images. */
const lossOf = ({ classes, labels, probabilities }: Answers, images: readonly number[]) =>
  -images.reduce((sum, i) => sum + Math.log(probabilities[i * classes + labels[i]!]!), 0) /
  images.length;

describe('a temperature', () => {
  it('has the smallest loss on the images that it is fitted on', () => {
    const loss = (temperature: number) =>
      lossOf(
        withTemperature(answers, () => temperature),
        all,
      );
    expect(loss(best)).toBeLessThan(loss(1));
    for (const other of [best * 0.98, best * 1.02]) expect(loss(other)).toBeGreaterThan(loss(best));
  });

  it('undoes a change of the confidence', () => {
    const flat = withTemperature(answers, () => 3);
    expect(fitTemperature(flat, all)).toBeCloseTo(best / 3, 3);
    const sharp = withTemperature(answers, () => 1 / 4);
    expect(fitTemperature(sharp, all)).toBeCloseTo(4 * best, 2);
  });

  it('keeps the answers and the sums', () => {
    const scaled = withTemperature(answers, () => 0.4);
    for (const image of all) {
      expect(topAnswer(scaled, image)).toBe(topAnswer(answers, image));
      const row = scaled.probabilities.subarray(5 * image, 5 * image + 5);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });

  it('is bounded where every answer is right, or has probability 0', () => {
    const sure = {
      classes: 2,
      labels: Int32Array.of(0, 1),
      probabilities: Float32Array.of(1, 0, 0, 1),
    };
    const wrong = { ...sure, labels: Int32Array.of(1, 0) };
    expect(fitTemperature(sure, [0, 1])).toBe(1); // nothing to gain
    expect(fitTemperature(wrong, [0, 1])).toBeCloseTo(20, 4);
    expect(withTemperature(wrong, () => 20).probabilities.every(Number.isFinite)).toBe(true);
    expect(fitTemperature(sure, [])).toBe(1);
  });
});

describe('calibrating each half by the other', () => {
  it('applies to each half the temperature of the other half', () => {
    const [even, odd] = [0, 1].map((rest) => {
      const classes = Array.from({ length: 5 }, (_, c) =>
        all.filter((i) => answers.labels[i] === c),
      );
      return classes.flat().filter((_, place) => place % 2 === rest);
    });
    const { temperatures, answers: scaled } = crossFit(answers);
    expect(temperatures).toEqual([fitTemperature(answers, odd!), fitTemperature(answers, even!)]);
    const first = withTemperature(answers, () => temperatures[0]);
    for (const image of even!) {
      expect(scaled.probabilities[5 * image]).toBe(first.probabilities[5 * image]);
    }
  });

  it('halves sets with one image of each class too', () => {
    const each = sampleAnswers(6, 6, 2);
    expect(crossFit(each).temperatures).toEqual([
      fitTemperature(each, [1, 3, 5]),
      fitTemperature(each, [0, 2, 4]),
    ]);
  });

  it('repairs answers that are too cautious, without changing which are right', () => {
    const cautious = withTemperature(answers, () => 2 * best);
    const { top1, loss, calibration, withTemperature: fitted } = measure(cautious);
    expect(fitted.loss).toBeLessThan(loss);
    expect(fitted.error).toBeLessThan(calibration.error / 2);
    expect(top1).toBe(measure(answers).top1);
  });
});
