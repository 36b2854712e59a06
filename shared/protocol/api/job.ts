/**
 * Jobs in the API.
 * @module
 */
import * as z from 'zod/mini';
import { errorSchema } from './error.ts';
import { ENGINES, TIER_WISHES } from './options.ts';
import { about, fraction, type Immutable, named, natural, time } from './schema.ts';

export const JOB_STATES = ['queued', 'running', 'completed', 'failed'] as const;

export const jobStateSchema = named(
  'JobState',
  [
    'queued: no image is done yet.',
    'running: some images are done.',
    'completed: every image has its line; the line of a broken image has an error.',
    'failed: as completed, but some images failed every attempt; a replay tries them again.',
  ].join(' '),
  z.enum(JOB_STATES),
);

export const jobCountsSchema = named(
  'JobCounts',
  'Numbers of images.',
  z.object({
    total: natural('All of them.'),
    done: natural('Those with a line in the results.'),
    succeeded: natural('Those that were classified.'),
    failed: natural('Those that cannot be classified, such as broken files.'),
    dead: natural('Those that failed every attempt through an error of the service.'),
  }),
);

export const webhookStatusSchema = named(
  'WebhookStatus',
  'Delivery of the webhook.',
  z.object({
    url: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.exactOptional(natural('Attempts so far.')),
    at: z.exactOptional(time('Time of delivery or of the last attempt.')),
    reason: z.exactOptional(about(z.string(), 'Why it failed.')),
  }),
);

export const deadLetterSchema = named(
  'DeadLetter',
  'A chunk of images that failed every attempt.',
  z.object({
    chunk: natural('Index of the chunk.'),
    images: about(z.array(z.int().check(z.gte(0))), 'Indices of the images.'),
    error: errorSchema,
    attempts: natural('Number of attempts.'),
    at: time('Time of the last attempt.'),
    replaying: z.exactOptional(about(z.literal(true), 'A replay is running.')),
  }),
);

export const jobStatusSchema = named(
  'JobStatus',
  'Status of a job.',
  z.object({
    id: z.string(),
    state: jobStateSchema,
    created_at: time('Time of creation.'),
    ended_at: z.exactOptional(time('Time of the end.')),
    expires_at: time('When job and results are deleted.'),
    images: jobCountsSchema,
    progress: fraction('Done of total.'),
    eta_seconds: z.exactOptional(
      natural('Estimated seconds left; absent until there is an estimate.'),
    ),
    tiers: about(
      z.object({ edge: natural('At the edge.'), gpu: natural('By the GPU tier.') }),
      'How many images each tier has classified.',
    ),
    options: about(
      z.object({
        top: natural('Predictions of each image.'),
        engine: z.enum(ENGINES),
        tier: z.enum(TIER_WISHES),
        escalate_below: z.exactOptional(fraction('As requested.')),
      }),
      'Options of the request.',
    ),
    webhook: z.exactOptional(webhookStatusSchema),
    dead_letters: z.exactOptional(
      about(z.array(deadLetterSchema), 'Chunks that failed every attempt, with reasons.'),
    ),
    links: z.object({ self: z.string(), results: z.string() }),
  }),
);

export const jobListSchema = named(
  'JobList',
  'Jobs, newest first.',
  z.object({
    jobs: z.array(jobStatusSchema),
    next: z.exactOptional(about(z.string(), 'Value for `?after=` if there are more jobs.')),
  }),
);

export const jobEventSchema = named(
  'JobEvent',
  'The body of a webhook (standardwebhooks.com).',
  z.object({
    type: z.enum(['job.completed', 'job.failed']),
    timestamp: time('Time of sending.'),
    data: jobStatusSchema,
  }),
);

export type JobState = z.infer<typeof jobStateSchema>;
export type JobCounts = Immutable<z.infer<typeof jobCountsSchema>>;
export type WebhookStatus = Immutable<z.infer<typeof webhookStatusSchema>>;
export type DeadLetterStatus = Immutable<z.infer<typeof deadLetterSchema>>;
export type JobStatus = Immutable<z.infer<typeof jobStatusSchema>>;
export type JobList = Immutable<z.infer<typeof jobListSchema>>;
export type JobEvent = Immutable<z.infer<typeof jobEventSchema>>;
