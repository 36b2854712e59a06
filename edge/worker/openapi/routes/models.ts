/**
 * Models that are served.
 * @module
 */
import { modelListSchema } from '@hebb/protocol/api/models';
import type { PathDescription } from '../description.ts';

export const models = {
  methods: {
    GET: {
      id: 'listModels',
      tag: 'Models',
      summary: 'List models',
      description:
        'With their loss of accuracy by quantisation, and a published model that could not be loaded.',
      answer: {
        status: 200,
        description: 'The models.',
        content: { 'application/json': { schema: modelListSchema, example: 'models' } },
      },
    },
  },
} as const satisfies PathDescription;

export const modelFile = {
  scope: 'classify',
  methods: {
    GET: {
      id: 'modelFile',
      tag: 'Models',
      summary: 'Get a file of the model',
      description:
        'For clients that run the model themselves, as the page does in the browser: `manifest.json` or `weights.int8.safetensors`. A version is a digest of the content, so the answer can be cached forever.',
      answer: {
        status: 200,
        description: 'The file.',
        content: { 'application/json': {}, 'application/octet-stream': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;
