/**
 * Classification of one image or many.
 * @module
 */
import { classificationSchema, lineSchema } from '@hebb/protocol/api/classification';
import { errorBodySchema } from '@hebb/protocol/api/error';
import { classifyQuery } from '@hebb/protocol/api/options';
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
        'The same bytes with the same model and options are answered from the cache for a day. `Cache-Control: no-cache` skips the cache, `no-store` also keeps the answer out of it.',
      query: classifyQuery(),
      headers: ['Cache-Control'],
      body: oneImage,
      answer: {
        status: 200,
        description: 'The most likely classes.',
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
      summary: 'Classify many images in one request',
      description:
        'A line for each image, in the order of the images, sent as soon as it is ready. An image that fails gets a line with its error; the others are not affected. An error that ends the batch is a last line `{"error": …}` without an index, or the status of the response when it comes before any result. After ten seconds without a result an empty line is sent to keep the connection alive.',
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
