/**
 * Which tier works on some images: a function from facts to a decision, to be read from top to bottom.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { GpuHealth } from '../gpu/gpu-tier.ts';
import type { Tier, TierWish } from './result.ts';

export interface Facts {
  /** What the caller wishes. */
  readonly wish: TierWish;
  /** Images of the request that are known of so far, these among them. */
  readonly images: number;
  /** Ms that the caller still has for these; undefined without a deadline. */
  readonly leftMs: number | undefined;
  /** That it is tried again later by itself, as a job's images are. */
  readonly patient?: boolean;
  readonly edge: {
    /** Why the edge cannot decode one of these; undefined when it can. */
    readonly obstacle: HebbError | undefined;
    /** CPU time that these images would take here, by their pixels: ms, estimated. */
    readonly costMs: number;
    /** CPU time that this request may still take here, ms. */
    readonly budgetMs: number;
  };
  readonly gpu: Pick<GpuHealth, 'state' | 'waitMs' | 'queueDepth'> & {
    /** What these would take there, by what was measured and what waits there: ms. */
    readonly expectMs: number;
    /** That it has just failed with these images, and how. */
    readonly failure?: string;
  };
}

export type Decision =
  | { readonly tier: Tier; readonly why: string }
  | { readonly tier: 'none'; readonly error: HebbError };

/** Up to so many images are answered sooner here than they would travel. */
export const FEW = 8;

/** But not if they are so large: ms of CPU time. */
const LITTLE_MS = 1_000;

export function decide(facts: Facts): Decision {
  const { wish, images, leftMs, edge, gpu } = facts;
  const away = whyAway(facts);
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
    const unread = edge.obstacle.code === 'unsupported_format';
    if (away === undefined) {
      return there(
        unread
          ? 'the edge does not decode HEIC, the GPU tier does'
          : 'the image is too large to be decoded at the edge',
      );
    }
    if (gpu.state === 'none') return none(edge.obstacle);
    return none(unread && !facts.patient ? unreadWhile(away, edge.obstacle) : unavailable(away));
  }
  if (leftMs !== undefined && affordable && away === undefined) {
    if (gpu.expectMs > leftMs && edge.costMs < gpu.expectMs) {
      return here(
        `in ${ms(leftMs)} the GPU tier would not be done, ${gpu.queueDepth} images wait there`,
      );
    }
    if (edge.costMs > leftMs && gpu.expectMs < edge.costMs) {
      return there(`in ${ms(leftMs)} the edge would not be done`);
    }
  }
  if (few && affordable) return here(images === 1 ? 'a single image' : 'a small batch');
  if (away === undefined) {
    return there(images > FEW ? 'a large batch' : 'large images');
  }
  if (affordable) return here(`${away}; the edge carries on alone`);
  return none(exhausted(edge.budgetMs, away));
}

/** Whether an unsure answer of the edge is worth a question to the GPU tier. */
export function escalates(score: number, below: number | undefined, facts: Facts): boolean {
  if (below === undefined || score >= below || facts.wish === 'edge') return false;
  if (whyAway(facts) !== undefined) return false;
  return facts.leftMs === undefined || facts.gpu.expectMs <= facts.leftMs;
}

/** Why the GPU tier is not to be asked now; undefined when it is. */
function whyAway({ gpu }: Facts): string | undefined {
  if (gpu.failure !== undefined) return gpu.failure;
  if (gpu.state === 'none') return 'there is no GPU tier';
  if (gpu.state === 'open') return `the GPU tier is away, and asked again in ${ms(gpu.waitMs)}`;
  return undefined;
}

const here = (why: string): Decision => ({ tier: 'edge', why });
const there = (why: string): Decision => ({ tier: 'gpu', why });
const none = (error: HebbError): Decision => ({ tier: 'none', error });

export const unavailable = (why: string): HebbError =>
  new HebbError('gpu_unavailable', `${why.charAt(0).toUpperCase()}${why.slice(1)}.`);

/** For whoever sent it the way that is sure is another format, not to wait for the GPU tier. */
const unreadWhile = (away: string, { code, message, hint }: HebbError): HebbError =>
  new HebbError(code, `${message} The GPU tier would decode it, but: ${away}.`, { hint });

const exhausted = (budgetMs: number, away?: string): HebbError =>
  new HebbError(
    'edge_exhausted',
    `Of the CPU time of this request ${ms(Math.max(0, budgetMs))} are left at the edge, too little` +
      ` for this image${away === undefined ? '' : `, and ${away}`}.`,
  );

const ms = (value: number): string => `${Math.round(value)} ms`;
