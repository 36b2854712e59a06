/**
 * Jobs as the API tells of them.
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
    'queued: nothing is done yet.',
    'running: some of it is.',
    'completed: every image has its line; a broken image’s line says so.',
    'failed: as completed, but some images could not be worked on: a replay tries again.',
  ].join(' '),
  z.enum(JOB_STATES),
);

export const jobCountsSchema = named(
  'JobCounts',
  'How many images.',
  z.object({
    total: natural('All of them.'),
    done: natural('Those with a line in the results.'),
    succeeded: natural('Those that were classified.'),
    failed: natural(
      'Those that cannot be classified, as a broken file; trying again changes nothing.',
    ),
    dead: natural('Those whose work kept failing.'),
  }),
);

export const webhookStatusSchema = named(
  'WebhookStatus',
  'Whether somebody was told that the job has ended.',
  z.object({
    url: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.exactOptional(natural('How often it was tried.')),
    at: z.exactOptional(time('When it was delivered or given up.')),
    reason: z.exactOptional(about(z.string(), 'Why it failed.')),
  }),
);

export const deadLetterSchema = named(
  'DeadLetter',
  'A chunk of images whose work kept failing.',
  z.object({
    chunk: natural('Which chunk of the job.'),
    images: about(z.array(z.int().check(z.gte(0))), 'Indices of the images.'),
    error: errorSchema,
    attempts: natural('How often it was tried.'),
    at: time('When it was given up.'),
    replaying: z.exactOptional(about(z.literal(true), 'That it is being tried again.')),
  }),
);

export const jobStatusSchema = named(
  'JobStatus',
  'All that is known of a job.',
  z.object({
    id: z.string(),
    state: jobStateSchema,
    created_at: time('When it was made.'),
    ended_at: z.exactOptional(time('When it ended.')),
    expires_at: time('When job and results are deleted.'),
    images: jobCountsSchema,
    progress: fraction('Done of total.'),
    eta_seconds: z.exactOptional(
      natural('Seconds that are left at the pace so far; left out while there is none.'),
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
        escalate_below: z.exactOptional(fraction('As it was asked.')),
      }),
      'As it was asked for.',
    ),
    webhook: z.exactOptional(webhookStatusSchema),
    dead_letters: z.exactOptional(about(z.array(deadLetterSchema), 'What kept failing, and why.')),
    links: z.object({ self: z.string(), results: z.string() }),
  }),
);

export const jobListSchema = named(
  'JobList',
  'Jobs, newest first.',
  z.object({
    jobs: z.array(jobStatusSchema),
    next: z.exactOptional(about(z.string(), 'For `?after=`, when there are more.')),
  }),
);

export const jobEventSchema = named(
  'JobEvent',
  'The body of a webhook, as standardwebhooks.com has it.',
  z.object({
    type: z.enum(['job.completed', 'job.failed']),
    timestamp: time('When it was sent.'),
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
