/**
 * Jobs: many images, classified in the background.
 * @module
 */
import { lineSchema } from '@hebb/protocol/api/classification';
import { jobListSchema, jobStatusSchema } from '@hebb/protocol/api/job';
import { jobListQuery, jobQuery, jobResultsQuery } from '@hebb/protocol/api/options';
import { LIMITS } from '../../limits.ts';
import type { PathDescription } from '../description.ts';
import { manyImages, NDJSON } from '../media.ts';

export const jobs = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'listJobs',
      tag: 'Jobs',
      summary: 'List jobs',
      description: 'The caller’s own, newest first; those of all callers with the scope `admin`.',
      query: jobListQuery,
      answer: {
        status: 200,
        description: 'A page of jobs.',
        content: { 'application/json': { schema: jobListSchema, example: 'jobList' } },
      },
    },
    POST: {
      id: 'createJob',
      tag: 'Jobs',
      summary: 'Classify many images in the background',
      description:
        'Answers as soon as all images are stored. A repeated `Idempotency-Key` of the same caller returns the existing job without reading the images.',
      query: jobQuery(),
      headers: ['Idempotency-Key'],
      body: manyImages(LIMITS.jobs.images),
      answer: {
        status: 202,
        description: 'The job.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
        headers: ['Location', 'Idempotency-Replayed'],
      },
    },
  },
} as const satisfies PathDescription;

export const job = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'showJob',
      tag: 'Jobs',
      summary: 'Show a job',
      answer: {
        status: 200,
        description: 'Its state and progress.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
      },
    },
    DELETE: {
      id: 'deleteJob',
      tag: 'Jobs',
      summary: 'Delete a job',
      description: 'Stops the work and deletes images and results.',
      answer: { status: 204, description: 'The job is deleted.' },
    },
  },
} as const satisfies PathDescription;

export const jobResults = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'jobResults',
      tag: 'Jobs',
      summary: 'Results of a job',
      description:
        'The lines that are ready, up to the first image that is not: line n is image n. To continue later, send the value of `X-Hebb-Next-Offset` as `offset`.',
      query: jobResultsQuery(),
      answer: {
        status: 200,
        description: 'A line for each image that is done.',
        content: { [NDJSON]: { schema: lineSchema, example: 'jobResults' } },
        headers: ['X-Hebb-Next-Offset', 'X-Hebb-Job-State'],
      },
    },
  },
} as const satisfies PathDescription;

export const jobReplay = {
  scope: 'batch',
  methods: {
    POST: {
      id: 'replayJob',
      tag: 'Jobs',
      summary: 'Retry the dead letters of a job',
      answer: {
        status: 202,
        description: 'The job.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
      },
    },
  },
} as const satisfies PathDescription;
