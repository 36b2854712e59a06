/**
 * The description by itself: that it is OpenAPI 3.1, and that nothing of the edge is missing in it.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import type { PathDescription } from '../../edge/openapi/description.ts';
import { openApiDocument } from '../../edge/openapi/document.ts';
import { ROUTES } from '../../edge/openapi/routes.ts';
import { ROOT } from '../../scripts/worker/bundle.ts';
import { ERRORS } from '../../shared/model/errors.ts';
import { Described, type Document } from './described.ts';

const document = JSON.parse(JSON.stringify(openApiDocument()));

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, '3.1']);
});

test('what is not OpenAPI is found out', async () => {
  const broken = structuredClone(document);
  broken.paths['/v1/classify'].post.responses = {};
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('every reference leads somewhere, and every operation has a name of its own', () => {
  const schemas = Object.keys(document.components.schemas);
  const text = JSON.stringify(document);
  for (const [, id] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(schemas).toContain(id);
  }
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(Object.keys(ROUTES).length);
});

test('the app has no route beside the table', async () => {
  const app = await readFile(join(ROOT, 'edge', 'app.ts'), 'utf8');
  expect(app).toContain('mountRoutes(app, {');
  expect(app).not.toMatch(/\broute\(|\bapp\.(get|post|put|delete|patch|on|all|mount)\(/);
});

test('the table of errors names only routes that exist', () => {
  const exist = Object.entries<PathDescription>(ROUTES).flatMap(([path, { methods }]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  for (const { routes = [] } of Object.values(ERRORS)) {
    if (typeof routes === 'object') expect(exist).toEqual(expect.arrayContaining([...routes]));
  }
});

test('every example is what its schema says', () => {
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

test('statuses of errors are those of the table', () => {
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
