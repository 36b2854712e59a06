/**
 * Classifying, one image or many.
 * @module
 */
import { classificationSchema, lineSchema } from '../../../shared/model/api/classification.ts';
import { errorBodySchema } from '../../../shared/model/api/error.ts';
import { classifyQuery } from '../../../shared/model/api/options.ts';
import { LIMITS } from '../../limits.ts';
import type { PathDescription } from '../description.ts';
import { manyImages, NDJSON, oneImage } from '../media.ts';

export const classify = {
  scope: 'classify',
  methods: {
    POST: {
      id: 'classify',
      tag: 'Classify',
      summary: 'Classify an image',
      description:
        'The same bytes with the same model and options are answered from the cache for a day. `Cache-Control: no-cache` has it computed anew, `no-store` also keeps the answer out of the cache.',
      query: classifyQuery(),
      headers: ['Cache-Control'],
      body: oneImage,
      answer: {
        status: 200,
        description: 'What is in the image.',
        content: {
          'application/json': { schema: classificationSchema, example: 'classification' },
        },
        headers: ['Server-Timing', 'X-Hebb-Cache'],
      },
    },
  },
} as const satisfies PathDescription;

export const batch = {
  scope: 'batch',
  methods: {
    POST: {
      id: 'batch',
      tag: 'Classify',
      summary: 'Classify many images now',
      description:
        'A line for each image, in the order in which they came, as soon as each is there. What is wrong with one image is its line and no more. What ends the batch early is a last line `{"error": …}` without an index; when it shows before any result, it is the status of the answer instead. An empty line comes every ten seconds when there is nothing else to say.',
      query: classifyQuery(),
      headers: ['Idempotency-Key', 'Cache-Control'],
      body: manyImages(LIMITS.batch.images),
      answer: {
        status: 200,
        description: 'A line for each image.',
        content: { [NDJSON]: { schema: lineSchema, or: errorBodySchema, example: 'batch' } },
        headers: ['Idempotency-Replayed'],
      },
    },
  },
} as const satisfies PathDescription;
