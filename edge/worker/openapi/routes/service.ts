/**
 * The service itself: its health, its memory, this description.
 * @module
 */
import { healthSchema, memorySchema, readinessSchema } from '@hebb/protocol/api/service';
import type { PathDescription } from '../description.ts';

export const healthz = {
  methods: {
    GET: {
      id: 'healthz',
      tag: 'Service',
      summary: 'Whether the Worker runs',
      answer: {
        status: 200,
        description: 'The Worker runs.',
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
      description: 'Loads the model and classifies an image.',
      answer: {
        status: 200,
        description: 'The Worker can classify.',
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
      description: 'As a page at `/docs`.',
      answer: {
        status: 200,
        description: 'OpenAPI 3.1.',
        content: { 'application/json': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;

export const memory = {
  scope: 'admin',
  methods: {
    GET: {
      id: 'memory',
      tag: 'Service',
      summary: 'Memory of the isolate',
      description: 'Only if the Worker runs with `HEBB_DEBUG=1`.',
      answer: {
        status: 200,
        description: 'Bytes by its own account, now and at the peak.',
        content: { 'application/json': { schema: memorySchema } },
      },
    },
  },
} as const satisfies PathDescription;
