import { HebbError } from '@hebb/model/errors';
import { describe, expect, it } from 'vitest';
import { decide, escalates, type Facts, FEW } from './policy.ts';

const EDGE = { obstacle: undefined, costMs: 30, budgetMs: 20_000 };
const GPU = { state: 'closed', waitMs: 0, queueDepth: 0, expectMs: 100 } as const;
const AWAY = { ...GPU, state: 'open', waitMs: 4_000 } as const;
const NO_GPU = { ...GPU, state: 'none' } as const;

const facts = (change: Partial<Facts> = {}): Facts => ({
  wish: 'auto',
  images: 1,
  leftMs: undefined,
  edge: EDGE,
  gpu: GPU,
  ...change,
});
const large = { images: 32, edge: { ...EDGE, costMs: 32 * 30 } };

describe('both tiers available', () => {
  it('few images are classified at the edge, many at the GPU tier', () => {
    expect(decide(facts())).toEqual({ tier: 'edge', why: 'a single image' });
    expect(decide(facts({ images: FEW }))).toEqual({ tier: 'edge', why: 'a small batch' });
    expect(decide(facts(large))).toEqual({ tier: 'gpu', why: 'a large batch' });
  });

  it('a few large images go to the GPU tier', () => {
    const edge = { ...EDGE, costMs: 1_500 };
    expect(decide(facts({ images: 4, edge }))).toEqual({ tier: 'gpu', why: 'large images' });
  });

  it('images that the edge cannot decode go to the GPU tier, and are refused without one', () => {
    const obstacle = new HebbError('image_too_large', '100 megapixels');
    const edge = { ...EDGE, obstacle };
    expect(decide(facts({ edge }))).toMatchObject({ tier: 'gpu' });
    expect(decide(facts({ edge, gpu: NO_GPU }))).toEqual({ tier: 'none', error: obstacle });
    expect(decide(facts({ edge, gpu: AWAY }))).toMatchObject({
      error: { code: 'gpu_unavailable' },
    });
    expect(decide(facts({ edge, wish: 'edge' }))).toEqual({ tier: 'none', error: obstacle });
  });
});

describe('HEIC, which the edge does not decode', () => {
  const obstacle = new HebbError('unsupported_format', 'This is a HEIC.', { hint: 'Two ways.' });
  const edge = { ...EDGE, obstacle };

  it('goes to the GPU tier', () => {
    expect(decide(facts({ edge }))).toEqual({
      tier: 'gpu',
      why: 'the edge does not decode HEIC, the GPU tier does',
    });
  });

  it('is refused without a GPU tier, and while it is unavailable', () => {
    expect(decide(facts({ edge, gpu: NO_GPU }))).toEqual({ tier: 'none', error: obstacle });
    expect(decide(facts({ edge, wish: 'edge' }))).toEqual({ tier: 'none', error: obstacle });
    expect(decide(facts({ edge, gpu: AWAY }))).toMatchObject({
      error: {
        code: 'unsupported_format',
        message: expect.stringMatching(
          /^This is a HEIC.*GPU tier is unavailable and will be tried again in 4000 ms/,
        ),
        hint: 'Two ways.',
      },
    });
  });

  it('fails with a retryable error in a job', () => {
    expect(decide(facts({ edge, gpu: AWAY, patient: true }))).toMatchObject({
      error: { code: 'gpu_unavailable' },
    });
    expect(decide(facts({ edge, gpu: NO_GPU, patient: true }))).toMatchObject({
      error: obstacle,
    });
  });
});

describe('when the GPU tier is unavailable', () => {
  it('the edge takes over and says why', () => {
    expect(decide(facts({ ...large, gpu: AWAY }))).toEqual({
      tier: 'edge',
      why: 'the GPU tier is unavailable and will be tried again in 4000 ms; the edge takes over',
    });
    expect(decide(facts({ ...large, gpu: NO_GPU }))).toMatchObject({ tier: 'edge' });
    const failure = 'the GPU tier failed (It did not answer within 2000 ms)';
    expect(decide(facts({ ...large, gpu: { ...AWAY, failure } }))).toEqual({
      tier: 'edge',
      why: `${failure}; the edge takes over`,
    });
  });

  it('only within its CPU budget', () => {
    const edge = { ...EDGE, costMs: 30, budgetMs: 29 };
    for (const gpu of [AWAY, NO_GPU]) {
      expect(decide(facts({ images: 32, edge, gpu }))).toMatchObject({
        tier: 'none',
        error: { code: 'edge_exhausted', status: 503 },
      });
    }
    expect(decide(facts({ images: 32, edge }))).toMatchObject({ tier: 'gpu' });
  });
});

describe('the caller’s choice of tier', () => {
  it('is followed, or the request is refused', () => {
    expect(decide(facts({ ...large, wish: 'edge' }))).toMatchObject({ tier: 'edge' });
    expect(decide(facts({ wish: 'gpu' }))).toMatchObject({ tier: 'gpu' });
    for (const gpu of [AWAY, NO_GPU]) {
      expect(decide(facts({ wish: 'gpu', gpu }))).toMatchObject({
        tier: 'none',
        error: { code: 'gpu_unavailable' },
      });
    }
    const edge = { ...EDGE, budgetMs: 10 };
    expect(decide(facts({ wish: 'edge', edge }))).toMatchObject({
      error: { code: 'edge_exhausted' },
    });
  });

  it('a deadline selects the tier that can meet it', () => {
    const busy = { ...GPU, queueDepth: 400, expectMs: 4_000 };
    expect(decide(facts({ ...large, leftMs: 1_000, gpu: busy }))).toMatchObject({
      tier: 'edge',
      why: expect.stringContaining('400 images wait there'),
    });
    const edge = { ...EDGE, costMs: 800 };
    expect(decide(facts({ images: 4, leftMs: 500, edge }))).toMatchObject({ tier: 'gpu' });
  });
});

describe('an answer with a low score', () => {
  it('is repeated by the GPU tier, unless that is unavailable or too slow', () => {
    expect(escalates(0.5, 0.6, facts())).toBe(true);
    expect(escalates(0.6, 0.6, facts())).toBe(false);
    expect(escalates(0.5, undefined, facts())).toBe(false);
    expect(escalates(0.5, 0.6, facts({ gpu: AWAY }))).toBe(false);
    expect(escalates(0.5, 0.6, facts({ wish: 'edge' }))).toBe(false);
    expect(escalates(0.5, 0.6, facts({ leftMs: 50 }))).toBe(false);
  });
});
