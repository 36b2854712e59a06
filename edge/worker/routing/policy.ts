/**
 * Which tier classifies some images: a pure function from facts to a decision. The first rule that
 * applies decides.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { GpuHealth } from '../gpu/gpu-tier.ts';
import type { Tier, TierWish } from './result.ts';

export interface Facts {
  /** The tier that the caller asked for. */
  readonly wish: TierWish;
  /** Images of the request known so far, including these. */
  readonly images: number;
  /** Ms to the caller's deadline; undefined without one. */
  readonly leftMs: number | undefined;
  /** Whether failed images are retried later, as those of a job are. */
  readonly patient?: boolean;
  readonly edge: {
    /** Why the edge cannot decode one of these; undefined if it can decode all. */
    readonly obstacle: HebbError | undefined;
    /** Estimated CPU time of these images at the edge, ms. */
    readonly costMs: number;
    /** CPU time at the edge that the request has left, ms. */
    readonly budgetMs: number;
  };
  readonly gpu: Pick<GpuHealth, 'state' | 'waitMs' | 'queueDepth'> & {
    /** Expected time of these at the GPU tier, from its measured pace and its queue, ms. */
    readonly expectMs: number;
    /** How it has just failed with these images. */
    readonly failure?: string;
  };
}

export type Decision =
  | { readonly tier: Tier; readonly why: string }
  | { readonly tier: 'none'; readonly error: HebbError };

/** Up to this many images the edge is faster than the round trip to the GPU tier. */
export const FEW = 8;

/** But only if they take less CPU time than this, ms. */
const LITTLE_MS = 1_000;

export function decide(facts: Facts): Decision {
  const { wish, images, leftMs, edge, gpu } = facts;
  const away = whyUnavailable(facts);
  const affordable = edge.costMs <= edge.budgetMs;
  const few = images <= FEW && edge.costMs <= LITTLE_MS;

  if (wish === 'edge') {
    if (edge.obstacle) return none(edge.obstacle);
    return affordable ? here('the edge was asked for') : none(exhausted(edge.budgetMs));
  }
  if (wish === 'gpu') {
    return away === undefined ? there('the GPU tier was asked for') : none(unavailable(away));
  }
  if (edge.obstacle) {
    const isHeic = edge.obstacle.code === 'unsupported_format';
    if (away === undefined) {
      return there(
        isHeic
          ? 'the edge does not decode HEIC, the GPU tier does'
          : 'the image is too large to be decoded at the edge',
      );
    }
    if (gpu.state === 'none') return none(edge.obstacle);
    return none(
      isHeic && !facts.patient ? unsupportedWhile(away, edge.obstacle) : unavailable(away),
    );
  }
  if (leftMs !== undefined && affordable && away === undefined) {
    if (gpu.expectMs > leftMs && edge.costMs < gpu.expectMs) {
      return here(
        `the GPU tier would miss the deadline in ${ms(leftMs)}: ${gpu.queueDepth} images wait there`,
      );
    }
    if (edge.costMs > leftMs && gpu.expectMs < edge.costMs) {
      return there(`the edge would miss the deadline in ${ms(leftMs)}`);
    }
  }
  if (few && affordable) return here(images === 1 ? 'a single image' : 'a small batch');
  if (away === undefined) {
    return there(images > FEW ? 'a large batch' : 'large images');
  }
  if (affordable) return here(`${away}; the edge takes over`);
  return none(exhausted(edge.budgetMs, away));
}

/** Whether an answer of the edge with this score is repeated by the GPU tier. */
export function escalates(score: number, below: number | undefined, facts: Facts): boolean {
  if (below === undefined || score >= below || facts.wish === 'edge') return false;
  if (whyUnavailable(facts) !== undefined) return false;
  return facts.leftMs === undefined || facts.gpu.expectMs <= facts.leftMs;
}

/** Why the GPU tier cannot be used now; undefined if it can. */
function whyUnavailable({ gpu }: Facts): string | undefined {
  if (gpu.failure !== undefined) return gpu.failure;
  if (gpu.state === 'none') return 'there is no GPU tier';
  if (gpu.state === 'open')
    return `the GPU tier is unavailable and will be tried again in ${ms(gpu.waitMs)}`;
  return undefined;
}

const here = (why: string): Decision => ({ tier: 'edge', why });
const there = (why: string): Decision => ({ tier: 'gpu', why });
const none = (error: HebbError): Decision => ({ tier: 'none', error });

export const unavailable = (why: string): HebbError =>
  new HebbError('gpu_unavailable', `${why.charAt(0).toUpperCase()}${why.slice(1)}.`);

/** Keeps `unsupported_format`: another format works now, waiting for the GPU tier may not. */
const unsupportedWhile = (away: string, { code, message, hint }: HebbError): HebbError =>
  new HebbError(code, `${message} The GPU tier decodes it, but ${away}.`, { hint });

const exhausted = (budgetMs: number, away?: string): HebbError =>
  new HebbError(
    'edge_exhausted',
    `This request has ${ms(Math.max(0, budgetMs))} of CPU time left at the edge, too little for this` +
      ` image${away === undefined ? '' : `, and ${away}`}.`,
  );

const ms = (value: number): string => `${Math.round(value)} ms`;
