/**
 * The service itself: its health, its pages, this description.
 * @module
 */
import { healthSchema, readinessSchema } from '../../../shared/model/api/service.ts';
import type { PathDescription } from '../description.ts';

export const healthz = {
  methods: {
    GET: {
      id: 'healthz',
      tag: 'Service',
      summary: 'Whether the Worker runs',
      answer: {
        status: 200,
        description: 'It does.',
        content: { 'application/json': { schema: healthSchema, example: 'health' } },
      },
    },
  },
} as const satisfies PathDescription;

export const readyz = {
  methods: {
    GET: {
      id: 'readyz',
      tag: 'Service',
      summary: 'Whether it can classify',
      description: 'Loads the model and sends an image through it.',
      answer: {
        status: 200,
        description: 'It can.',
        content: { 'application/json': { schema: readinessSchema, example: 'readiness' } },
      },
    },
  },
} as const satisfies PathDescription;

export const openapi = {
  methods: {
    GET: {
      id: 'openapi',
      tag: 'Service',
      summary: 'This description',
      description: '`/docs` shows it.',
      answer: {
        status: 200,
        description: 'OpenAPI 3.1.',
        content: { 'application/json': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;
