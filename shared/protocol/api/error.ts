/**
 * Errors in the API.
 * @module
 */

import { codesWhere } from '@hebb/model/error-table';
import * as z from 'zod/mini';
import { about, named } from './schema.ts';

/** The codes that the edge answers with, for a whole request or for one image. */
export const API_ERRORS = codesWhere(({ routes }) => routes);

export const errorSchema = named(
  'Error',
  'An error.',
  z.object({
    code: about(z.enum(API_ERRORS), 'Stays the same between versions.'),
    message: about(z.string(), 'What happened, for people.'),
    hint: about(z.string(), 'What to do next.'),
  }),
);

export const errorBodySchema = named(
  'ErrorBody',
  'The body of every answer that is an error.',
  z.object({ error: errorSchema }),
);
