import { describe, expect, it } from 'vitest';
import type { Answers } from './answers.ts';
import { calibration } from './calibration.ts';
import { compareAnswers } from './compare.ts';
import { measure, wilsonInterval } from './metrics.ts';

/** Rows of a label and the probabilities of the classes. */
function answers(...rows: readonly [label: number, ...probabilities: number[]][]): Answers {
  return {
    classes: rows[0]!.length - 1,
    labels: Int32Array.from(rows, ([label]) => label),
    probabilities: Float32Array.from(rows.flatMap(([, ...probabilities]) => probabilities)),
  };
}

/** Cats (0), dogs (1) and a class that never occurs (2). */
const PETS = answers(
  [0, 0.75, 0.25, 0],
  [0, 0.5, 0.25, 0.25],
  [0, 0.125, 0.875, 0], // a cat taken for a dog
  [1, 0.25, 0.75, 0],
  [1, 0.5, 0.375, 0.125], // a dog taken for a cat
);

describe('metrics', () => {
  it('count correct answers, top-1 and top-5', () => {
    const six = answers(
      [5, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1], // the label ranks last of six: ties go by index
      [4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1],
      [0, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1],
      [1, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1], // the answer is class 0
    );
    expect(measure(six)).toMatchObject({ images: 4, top1: 1 / 4, top5: 3 / 4 });
    expect(measure(PETS)).toMatchObject({ images: 5, top1: 3 / 5, top5: 1 });
  });

  it('have the mean cross-entropy, finite even when the correct class has probability 0', () => {
    const expected =
      -(Math.log(0.75) + Math.log(0.5) + Math.log(0.125) + Math.log(0.75) + Math.log(0.375)) / 5;
    expect(measure(PETS).loss).toBeCloseTo(expected, 6);
    expect(measure(answers([1, 1, 0])).loss).toBeCloseTo(87.34, 2);
  });

  it('have precision, recall and F1 of every class that occurs', () => {
    expect(measure(PETS).classes).toEqual([
      { label: 0, images: 3, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
      { label: 1, images: 2, precision: 1 / 2, recall: 1 / 2, f1: 1 / 2 },
    ]);
    const [never, onlyAnswered] = measure(answers([0, 0.1, 0.9])).classes;
    expect(never).toEqual({ label: 0, images: 1, precision: undefined, recall: 0, f1: 0 });
    expect(onlyAnswered).toMatchObject({
      images: 0,
      precision: 0,
      recall: undefined,
      f1: undefined,
    });
  });

  it('have the non-zero cells of the confusion matrix, largest first', () => {
    expect(measure(PETS).confusion).toEqual([
      { label: 0, answer: 0, count: 2 },
      { label: 0, answer: 1, count: 1 },
      { label: 1, answer: 0, count: 1 },
      { label: 1, answer: 1, count: 1 },
    ]);
  });

  it('have the mistakes, the most confident first', () => {
    expect(measure(PETS).mistakes).toEqual([
      { image: 2, label: 0, answer: 1, confidence: 0.875, ofLabel: 0.125 },
      { image: 4, label: 1, answer: 0, confidence: 0.5, ofLabel: 0.375 },
    ]);
    expect(measure(PETS, { mistakes: 1 }).mistakes).toHaveLength(1);
  });

  it('are refused without answers', () => {
    const none = { classes: 2, labels: new Int32Array(0), probabilities: new Float32Array(0) };
    expect(() => measure(none)).toThrow('no images');
  });
});

describe('calibration', () => {
  it('compares confidence with accuracy', () => {
    const { bins, error } = calibration(PETS, 4);
    expect(bins.map(({ images }) => images)).toEqual([0, 0, 2, 3]);
    expect(bins[2]).toMatchObject({ low: 0.5, high: 0.75, confidence: 0.5, accuracy: 0.5 });
    expect(bins[3]!.confidence).toBeCloseTo((0.75 + 0.875 + 0.75) / 3, 9);
    expect(bins[3]!.accuracy).toBeCloseTo(2 / 3, 9);
    expect(error).toBeCloseTo((3 / 5) * ((0.75 + 0.875 + 0.75) / 3 - 2 / 3), 9);
  });

  it('is perfect for certain, correct answers', () => {
    expect(calibration(answers([0, 1, 0], [1, 0, 1])).error).toBe(0);
  });
});

describe('Wilson’s interval', () => {
  it.each([
    // scipy: binomtest(k, n).proportion_ci(method="wilson")
    [0, 10, 0, 0.27753],
    [10, 10, 0.72247, 1],
    [15, 20, 0.5313, 0.88814],
    [364, 393, 0.896033, 0.948133],
  ])('of %i in %i is %f to %f', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });
});

describe('float32 against int8', () => {
  it('counts which one is correct where they differ', () => {
    const int8 = answers(
      [0, 0.75, 0.25, 0],
      [0, 0.25, 0.5, 0.25], // wrong now
      [0, 0.625, 0.375, 0], // right now
      [1, 0.25, 0.75, 0],
      [1, 0.25, 0.25, 0.5], // another wrong answer
    );
    const agreement = compareAnswers(PETS, int8);
    expect(agreement).toMatchObject({ agreement: 2 / 5, onlyFloatRight: 1, onlyInt8Right: 1 });
    expect(agreement.differences.map(({ image }) => image)).toEqual([2, 1, 4]);
    expect(agreement.differences[0]).toEqual({
      image: 2,
      label: 0,
      float: { answer: 1, confidence: 0.875 },
      int8: { answer: 0, confidence: 0.625 },
    });
  });
});
