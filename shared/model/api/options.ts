/**
 * What a request may ask for: the parameters of its query, and headers. The same schemas check the
 * requests and make the API description.
 * @module
 */
import * as z from 'zod/mini';
import { API_LIMITS } from './limits.ts';
import { about } from './schema.ts';

export const ENGINES = ['int8', 'tfjs'] as const;
export const TIER_WISHES = ['auto', 'edge', 'gpu'] as const;

/** Most classes that a model has, see shared/model/package/manifest.ts. */
const MOST_CLASSES = 100_000;
const DEFAULT_TOP = 5;
/** Longest deadline that makes sense, ms: who waits longer wants a job. */
const MOST_DEADLINE_MS = 3_600_000;

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

const engine = about(
  z._default(z.enum(ENGINES), 'int8'),
  'What the edge computes with. tfjs: float32, slower, loaded at first use.',
);

const tier = about(
  z._default(z.enum(TIER_WISHES), 'auto'),
  'Who answers: edge, gpu (full precision, by the GPU tier), or auto. A wish that cannot be met is refused, not bent.',
);

const escalateBelow = z.exactOptional(
  about(
    score,
    'An int8 answer of the edge whose best score is lower is asked again in full precision.',
  ),
);

const deadline = z.exactOptional(
  about(whole(1, MOST_DEADLINE_MS), 'By when the whole answer is wanted, ms from now.'),
);

const webhook = z.exactOptional(
  about(
    z.string(),
    'A URL that is told when the job has ended. Whoever runs the Worker lists where it may be; 2048 characters at most.',
  ),
);

/** @param classes of the model that answers */
const questions = (classes: number) => ({
  top: about(
    z._default(whole(1, classes), Math.min(DEFAULT_TOP, classes)),
    'How many predictions, 1 to the number of classes; 5 without it, or all of fewer.',
  ),
  engine,
  tier,
  escalate_below: escalateBelow,
});

/** Of `POST /v1/classify` and `POST /v1/batch`. */
export const classifyQuery = (classes = MOST_CLASSES) =>
  z.object({ ...questions(classes), deadline_ms: deadline });

/** Of `POST /v1/jobs`. */
export const jobQuery = (classes = MOST_CLASSES) => z.object({ ...questions(classes), webhook });

/** Of `GET /v1/jobs`. */
export const jobListQuery = z.object({
  limit: about(z._default(whole(1, 100), 20), 'How many.'),
  after: z.exactOptional(about(z.string(), 'The last job of the page before: its `next`.')),
});

/** Of `GET /v1/jobs/{id}/results`. @param images of the job */
export const jobResultsQuery = (images: number = API_LIMITS.job.images) =>
  z.object({ offset: about(z._default(whole(0, images), 0), 'How many lines to leave out.') });

/** The header `Idempotency-Key`. */
export const idempotencyKey = about(
  z.string().check(z.minLength(1), z.maxLength(255)),
  'Of your choice: with it the same request may be sent again when its answer did not come.',
);

export type EngineName = (typeof ENGINES)[number];
export type TierWish = (typeof TIER_WISHES)[number];
export type ClassifyQuery = z.infer<ReturnType<typeof classifyQuery>>;
export type JobQuery = z.infer<ReturnType<typeof jobQuery>>;
