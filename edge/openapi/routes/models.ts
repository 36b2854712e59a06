/**
 * What is served.
 * @module
 */
import { modelListSchema } from '../../../shared/model/api/models.ts';
import type { PathDescription } from '../description.ts';

export const models = {
  methods: {
    GET: {
      id: 'listModels',
      tag: 'Models',
      summary: 'What is served',
      description: 'With what quantisation cost, and the published model that could not be loaded.',
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
      summary: 'A file of the model that is served',
      description:
        'For who computes with it elsewhere, as the page does in the browser: `manifest.json` or `weights.int8.safetensors`. A version is its content’s digest, so the answer may be kept for good.',
      answer: {
        status: 200,
        description: 'The file.',
        content: { 'application/json': {}, 'application/octet-stream': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;
