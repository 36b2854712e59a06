/**
 * What a request may ask for in its query. Every parameter says how it must be; the same words stand
 * in the error of who gets it wrong and in the API description.
 * @module
 */
import * as z from 'zod/mini';
import { about } from './schema.ts';

export const ENGINES = ['int8', 'tfjs'] as const;
export const TIER_WISHES = ['auto', 'edge', 'gpu'] as const;

/** Most classes that a model has, see shared/model/package/manifest.ts. */
const MAX_CLASSES = 100_000;
/** Longest deadline that makes sense, ms: who waits longer wants a job. */
const MAX_DEADLINE_MS = 3_600_000;
/** Most images of a job, and so most lines to leave out of its results. */
const MAX_OFFSET = 2000;

/** Text to a whole number from `low` to `high`. */
const whole = (low: number, high: number) =>
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number)),
    z.int().check(z.gte(low), z.lte(high)),
  );

/** Text to a number from 0 to 1. */
const score = z.pipe(
  z.pipe(z.string().check(z.regex(/^(0|1|0?\.\d+|1\.0+|0\.)$/)), z.transform(Number)),
  z.number().check(z.gte(0), z.lte(1)),
);

/** @param classes of the model that answers */
export const topSchema = (classes = MAX_CLASSES) =>
  about(
    whole(1, classes),
    'How many predictions, 1 to the number of classes; 5 without it, or all of fewer.',
  );

const questions = {
  top: z.exactOptional(topSchema()),
  engine: about(
    z._default(z.enum(ENGINES), 'int8'),
    'What the edge computes with. tfjs: float32, slower, loaded at first use.',
  ),
  tier: about(
    z._default(z.enum(TIER_WISHES), 'auto'),
    'Who answers: edge, gpu (full precision, by the GPU tier), or auto. A wish that cannot be met is refused, not bent.',
  ),
  escalate_below: z.exactOptional(
    about(
      score,
      'An int8 answer of the edge whose best score is lower is asked again in full precision.',
    ),
  ),
};

const deadline = {
  deadline_ms: z.exactOptional(
    about(whole(1, MAX_DEADLINE_MS), 'By when the whole answer is wanted, ms from now.'),
  ),
};

/** Of `POST /v1/classify` and `POST /v1/batch`. */
export const classifyQuery = z.object({ ...questions, ...deadline });

/** Of `POST /v1/jobs`. */
export const jobQuery = z.object({
  ...questions,
  webhook: z.exactOptional(
    about(
      z.string().check(z.maxLength(2048)),
      'A URL that is told when the job has ended; whoever runs the Worker lists where it may be.',
    ),
  ),
});

/** Of `GET /v1/jobs`. */
export const jobListQuery = z.object({
  limit: about(z._default(whole(1, 100), 20), 'How many.'),
  after: z.exactOptional(
    about(z.string().check(z.maxLength(100)), 'The last job of the page before: its `next`.'),
  ),
});

/** Of `GET /v1/jobs/{id}/results`. */
export const jobResultsQuery = z.object({
  offset: about(z._default(whole(0, MAX_OFFSET), 0), 'How many lines to leave out.'),
});

export type EngineName = (typeof ENGINES)[number];
export type TierWish = (typeof TIER_WISHES)[number];
export type ClassifyQuery = z.infer<typeof classifyQuery>;
export type JobQuery = z.infer<typeof jobQuery>;
