/**
 * Query parameters and headers of requests. The same schemas check the requests and describe the API.
 * @module
 */
import * as z from 'zod/mini';
import { API_LIMITS } from './limits.ts';
import { about } from './schema.ts';

export const ENGINES = ['int8', 'tfjs'] as const;
export const TIER_WISHES = ['auto', 'edge', 'gpu'] as const;

/** Most classes of a model (NETWORK_BOUNDS of shared/model/package/parse-manifest.ts). */
const MOST_CLASSES = 100_000;
const DEFAULT_TOP = 5;
/** Longest deadline, ms; longer work belongs into a job. */
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
  'Engine of the edge. tfjs: float32, slower, loaded at first use.',
);

const tier = about(
  z._default(z.enum(TIER_WISHES), 'auto'),
  'Tier that answers: edge, gpu (full precision, by the GPU tier), or auto. If the chosen tier cannot answer, the request is refused.',
);

const escalateBelow = z.exactOptional(
  about(
    score,
    'If the best score of an int8 answer is lower, the image is classified again in full precision.',
  ),
);

const deadline = z.exactOptional(
  about(whole(1, MOST_DEADLINE_MS), 'Deadline of the whole answer, ms from now.'),
);

const webhook = z.exactOptional(
  about(
    z.string(),
    'A URL that is called when the job has ended. The operator of the service lists the allowed hosts; at most 2048 characters.',
  ),
);

/** @param classes of the current model */
const questions = (classes: number) => ({
  top: about(
    z._default(whole(1, classes), Math.min(DEFAULT_TOP, classes)),
    'Number of predictions, 1 to the number of classes; by default 5, or all classes if there are fewer.',
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
  limit: about(z._default(whole(1, 100), 20), 'Number of jobs.'),
  after: z.exactOptional(about(z.string(), 'The `next` of the previous page.')),
});

/** Of `GET /v1/jobs/{id}/results`. @param images of the job */
export const jobResultsQuery = (images: number = API_LIMITS.job.images) =>
  z.object({ offset: about(z._default(whole(0, images), 0), 'Number of lines to skip.') });

/** The header `Idempotency-Key`. */
export const idempotencyKey = about(
  z.string().check(z.minLength(1), z.maxLength(255)),
  'A key of your choice. With it the same request can be repeated safely if its answer did not arrive.',
);

export type EngineName = (typeof ENGINES)[number];
export type TierWish = (typeof TIER_WISHES)[number];
export type ClassifyQuery = z.infer<ReturnType<typeof classifyQuery>>;
export type JobQuery = z.infer<ReturnType<typeof jobQuery>>;
