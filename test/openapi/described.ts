/**
 * Checks a Worker's answers against its OpenAPI description.
 * @module
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

type Json = { [name: string]: unknown };

interface Operation {
  readonly responses: Readonly<Record<string, AnswerDescription>>;
}

interface AnswerDescription {
  readonly headers?: Json;
  readonly content?: Readonly<Record<string, { readonly schema?: Json }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** Headers that must be described if they are sent. */
const TELLING =
  /^(x-hebb-.*|x-request-id|location|idempotency-replayed|server-timing|etag|retry-after)$/;

export class Described {
  readonly document: Document;
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

  constructor(document: Document) {
    this.document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addKeyword('components');
    const schemas = structuredClone(document.components.schemas) as Record<string, Json>;
    for (const schema of Object.values(schemas)) close(schema);
    this.#ajv.addSchema({ $id: 'hebb:', components: { schemas } }, 'hebb:');
  }

  /**
   * The answer's body: JSON, or the lines of NDJSON. Fails if the status, the media type, a header or any
   * part of the body is not described.
   */
  async check(method: string, path: string, response: Response): Promise<unknown> {
    const operation = this.operation(method, path);
    const answer = operation.responses[response.status];
    expect(answer, `${method} ${path} answers ${response.status}`).toBeDefined();
    const described = Object.keys(answer!.headers ?? {}).map((name) => name.toLowerCase());
    const telling = [...response.headers.keys()].filter((name) => TELLING.test(name));
    // Every answer has a request id, including errors.
    expect(described.concat('x-request-id')).toEqual(expect.arrayContaining(telling));
    if (!answer!.content) return expect(await response.text()).toBe('');
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
    const content = answer!.content[type];
    expect(content, `${method} ${path} answers ${type}`).toBeDefined();
    const text = await response.text();
    if (!content!.schema) return text;
    const validate = this.compile(content!.schema);
    const values = type.endsWith('ndjson') ? linesOf(text) : [JSON.parse(text)];
    for (const value of values)
      expect(errorsOf(validate, value), JSON.stringify(value)).toEqual([]);
    return type.endsWith('ndjson') ? values : values[0];
  }

  /** The operation of a request: `GET /v1/jobs/abc` matches `/v1/jobs/{id}`. */
  operation(method: string, path: string): Operation {
    const found = Object.entries(this.document.paths).find(([template]) =>
      new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    const operation = found?.[1][method.toLowerCase()];
    if (!operation) throw new Error(`${method} ${path} is not described.`);
    return operation;
  }

  compile(schema: Json): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('#/components', 'hebb:#/components');
    return this.#ajv.compile(JSON.parse(text) as Json);
  }
}

export const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function errorsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Forbids additional properties, so that an undescribed field fails the test. */
function close(schema: unknown): void {
  if (schema === null || typeof schema !== 'object') return;
  const json = schema as Json;
  if (json.type === 'object' && json.properties) json.additionalProperties ??= false;
  for (const value of Object.values(json)) close(value);
}
