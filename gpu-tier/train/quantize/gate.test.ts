import { describe, expect, it } from 'vitest';
import { type Comparison, ComparisonCounter } from './evaluate.ts';
import { checkGate } from './gate.ts';

const gate = { maxLoss: 1, minAgreement: 90 };
const comparison = (float: number, int8: number, agreement: number): Comparison => ({
  images: 100,
  labelled: 100,
  agreement,
  float: { top1: float, top5: 95 },
  int8: { top1: int8, top5: 95 },
});

describe('the gate', () => {
  it('accepts a loss up to the limit', () => {
    expect(() => checkGate(comparison(80, 79.5, 96), gate)).not.toThrow();
    expect(() => checkGate(comparison(80, 79, 96), gate)).not.toThrow();
  });

  it('refuses a loss above the limit, and names it', () => {
    const code = { code: 'accuracy_loss', message: expect.stringContaining('1.50 points') };
    expect(() => checkGate(comparison(80, 78.5, 96), gate)).toThrow(expect.objectContaining(code));
  });

  it('refuses too many different answers, the only check without labels', () => {
    const unlabelled = { images: 100, labelled: 0, agreement: 89 };
    expect(() => checkGate(unlabelled, gate)).toThrow(/11.0 % of the images/);
  });
});

describe('counting answers', () => {
  it('distinguishes top-1, top-5 and agreement', () => {
    const counter = new ComparisonCounter();
    const answer = (...order: number[]) =>
      Float32Array.from({ length: 8 }, (_, i) => 1 / (1 + order.indexOf(i) || 99));
    counter.add(answer(3, 1, 2, 0, 4), answer(3, 1, 2, 0, 4), 3); // both correct
    counter.add(answer(3, 1, 2, 0, 4), answer(1, 3, 2, 0, 4), 3); // int8 correct in the top 5 only
    counter.add(answer(3, 1, 2, 0, 4), answer(3, 1, 2, 0, 4), undefined);
    counter.add(answer(3, 1, 2, 0, 4), answer(3, 1, 2, 0, 4), 7); // both wrong
    expect(counter.result()).toEqual({
      images: 4,
      labelled: 3,
      agreement: 75,
      float: { top1: (100 * 2) / 3, top5: (100 * 2) / 3 },
      int8: { top1: 100 / 3, top5: (100 * 2) / 3 },
    });
  });
});
