/**
 * The web pages, and what is there to find faults.
 * @module
 */
import { homeSchema, memorySchema } from '../../../shared/model/api/service.ts';
import type { PathDescription } from '../description.ts';

const page = (id: string, summary: string) =>
  ({
    methods: {
      GET: {
        ...{ id, tag: 'Pages', summary },
        answer: {
          ...{ status: 200, description: 'The page.' },
          ...{ content: { 'text/html': {} }, headers: ['ETag'] },
        },
      },
    },
  }) as const satisfies PathDescription;

export const home = {
  methods: {
    GET: {
      id: 'home',
      tag: 'Pages',
      summary: 'The page to try it on',
      description: 'How to use this service, as JSON, for who does not ask for `text/html`.',
      answer: {
        status: 200,
        description: 'By the header `Accept`.',
        content: { 'application/json': { schema: homeSchema, example: 'home' }, 'text/html': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;

export const network = page('networkPage', 'The network, drawn');
export const docs = page('docsPage', 'This description, to read and to try');

export const asset = {
  methods: {
    GET: {
      id: 'asset',
      tag: 'Pages',
      summary: 'What pages load',
      answer: {
        status: 200,
        description: 'Scripts, styles, kernels and pictures.',
        content: { '*/*': {} },
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
      summary: 'What the isolate holds',
      description: 'Only where the Worker was started with `HEBB_DEBUG=1`.',
      answer: {
        status: 200,
        description: 'By its own account.',
        content: { 'application/json': { schema: memorySchema } },
      },
    },
  },
} as const satisfies PathDescription;
