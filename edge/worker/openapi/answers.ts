/**
 * Responses of a route: its answer, and one for each status of its errors.
 * @module
 */
import { codesWhere, ERRORS, type ErrorCode } from '@hebb/model/error-table';
import type { AnswerContent, AnswerDescription, Method, ResponseHeader } from './description.ts';
import { ERROR_EXAMPLES, EXAMPLES } from './examples.ts';
import { RESPONSE_HEADERS } from './headers.ts';
import { eitherOf, type Json, schemaOf } from './schemas.ts';

export const answerOf = ({ description, content, headers = [] }: AnswerDescription): Json => ({
  description,
  headers: headersOf(['X-Request-Id', ...headers]),
  ...(content && {
    content: Object.fromEntries(
      Object.entries(content).map(([type, described]) => [type, contentOf(described)]),
    ),
  }),
});

function contentOf({ schema, or, example }: AnswerContent): Json {
  return {
    ...(schema && { schema: eitherOf(schema, or) }),
    ...(example !== undefined && { example: EXAMPLES[example] }),
  };
}

const headersOf = (names: readonly (ResponseHeader | 'X-Request-Id')[]): Json =>
  Object.fromEntries(
    names.map((name) => {
      const { description, schema } = RESPONSE_HEADERS[name];
      return [name, { description, schema: schemaOf(schema) }];
    }),
  );

/**
 * The errors of a route, by status.
 * @param path as the table of routes has it, `/v1/jobs/:id`
 * @param keyed the route needs a key
 */
export function errorAnswers(method: Method, path: string, keyed: boolean): Json {
  const route = `${method} ${path}`;
  const codes = codesWhere(({ routes }) => {
    if (typeof routes !== 'object') return routes === 'all' || (keyed && routes === 'keyed');
    return routes.some((one) => one === route);
  });
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status ?? 500);
  const sorted = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(sorted.map(([status, some]) => [status, errorAnswer(some)]));
}

function errorAnswer(codes: readonly ErrorCode[]): Json {
  const examples = codes
    .filter((code) => ERROR_EXAMPLES[code])
    .map((code) => [code, { value: ERROR_EXAMPLES[code] }]);
  const known: Json = { properties: { error: { properties: { code: { enum: codes } } } } };
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].hint}`).join('\n\n'),
    ...(codes.some((code) => ERRORS[code].retryAfter) && {
      headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
    }),
    content: {
      'application/json': {
        schema: { allOf: [{ $ref: '#/components/schemas/ErrorBody' }, known] },
        ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
      },
    },
  };
}
