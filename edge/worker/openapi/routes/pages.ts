/**
 * The web pages.
 * @module
 */
import { homeSchema } from '@hebb/protocol/api/service';
import type { PathDescription } from '../description.ts';

const page = (id: string, summary: string) =>
  ({
    methods: {
      GET: {
        id,
        tag: 'Pages',
        summary,
        answer: {
          status: 200,
          description: 'The page.',
          content: { 'text/html': {} },
          headers: ['ETag'],
        },
      },
    },
  }) as const satisfies PathDescription;

export const home = {
  methods: {
    GET: {
      id: 'home',
      tag: 'Pages',
      summary: 'The page for trying it out',
      description: 'How to use this service, as JSON, for clients that do not accept `text/html`.',
      answer: {
        status: 200,
        description: 'The page or JSON, by the header `Accept`.',
        content: { 'application/json': { schema: homeSchema, example: 'home' }, 'text/html': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;

export const network = page('networkPage', 'The network, drawn');
export const docs = page('docsPage', 'This description, with forms to try it out');

export const asset = {
  methods: {
    GET: {
      id: 'asset',
      tag: 'Pages',
      summary: 'Files of the pages',
      answer: {
        status: 200,
        description: 'Scripts, styles, kernels and pictures.',
        content: { '*/*': {} },
        headers: ['ETag'],
      },
    },
  },
} as const satisfies PathDescription;
