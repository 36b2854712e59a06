/**
 * Checks the description itself: it is valid OpenAPI 3.1 and complete.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { ERRORS } from '@hebb/model/errors';
import { Described, type Document } from '@hebb/test/openapi/described';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import type { PathDescription } from './description.ts';
import { openApiDocument } from './document.ts';
import { ROUTES } from './routes.ts';

const document = JSON.parse(JSON.stringify(openApiDocument()));

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, '3.1']);
});

test('the validator rejects what is not OpenAPI', async () => {
  const broken = structuredClone(document);
  broken.paths['/v1/classify'].post.responses = {};
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('every reference resolves, and every operation has a unique id', () => {
  const schemas = Object.keys(document.components.schemas);
  const text = JSON.stringify(document);
  for (const [, id] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(schemas).toContain(id);
  }
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(Object.keys(ROUTES).length);
});

test('the app has no route outside the table', async () => {
  const app = await readFile(join(ROOT, 'edge', 'worker', 'app.ts'), 'utf8');
  expect(app).toContain('const handlers: Handlers = {');
  expect(app.match(/\bapp\.on\(/g)).toHaveLength(1);
  expect(app).not.toMatch(/\bapp\.(get|post|put|delete|patch|all|mount|route)\(/);
});

test('the table of errors names only routes that exist', () => {
  const exist = Object.entries<PathDescription>(ROUTES).flatMap(([path, { methods }]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  for (const { routes = [] } of Object.values(ERRORS)) {
    if (typeof routes === 'object') expect(exist).toEqual(expect.arrayContaining([...routes]));
  }
});

test('every example matches its schema', () => {
  const described = new Described(document as Document);
  const content = [...contents(document.paths)];
  expect(content.length).toBeGreaterThan(10);
  for (const { type, schema, values } of content) {
    const validate = described.compile(schema);
    for (const value of values) {
      const lines = type.endsWith('ndjson') ? String(value).trim().split('\n') : undefined;
      for (const one of lines ? lines.map((line) => JSON.parse(line)) : [value]) {
        validate(one);
        expect(validate.errors, JSON.stringify(one)).toBeNull();
      }
    }
  }
});

test('statuses of errors match the table', () => {
  for (const methods of Object.values((document as Document).paths)) {
    for (const { responses } of Object.values(methods)) {
      for (const [status, { content }] of Object.entries(responses)) {
        const known = JSON.stringify(content?.['application/json']?.schema ?? {});
        const codes = /"enum":(\[[^\]]*\])/.exec(known)?.[1];
        if (Number(status) < 400) continue;
        for (const code of JSON.parse(codes!) as (keyof typeof ERRORS)[]) {
          expect(ERRORS[code].status).toBe(Number(status));
        }
      }
    }
  }
});

interface Content {
  readonly type: string;
  readonly schema: { [name: string]: unknown };
  readonly values: readonly unknown[];
}

/** Every content with a schema and examples, wherever it is. */
function* contents(value: unknown): Generator<Content> {
  if (value === null || typeof value !== 'object') return;
  for (const [type, inner] of Object.entries(value)) {
    const { schema, example, examples } = (inner ?? {}) as {
      schema?: Content['schema'];
      example?: unknown;
      examples?: Record<string, { value: unknown }>;
    };
    const named = Object.values(examples ?? {}).map((one) => one.value);
    const values = example === undefined ? named : [example, ...named];
    if (type.includes('/') && schema && values.length > 0) yield { type, schema, values };
    yield* contents(inner);
  }
}
