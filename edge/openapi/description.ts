/**
 * How a route is described. The app is made from the same table, so there is no route without a
 * description. The errors of a route are in shared/model/error-table.ts.
 * @module
 */
import type * as z from 'zod/mini';
import type { Scope } from '../../shared/model/access/scopes.ts';
import type { ExampleName } from './examples.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

export interface PathDescription {
  /** What a key must be for; none is needed without it. */
  readonly scope?: Scope;
  readonly methods: Partial<Record<Method, RouteDescription>>;
}

export interface RouteDescription {
  /** Its name in generated clients: `classify`. */
  readonly id: string;
  readonly tag: 'Classify' | 'Jobs' | 'Models' | 'Service' | 'Pages';
  readonly summary: string;
  /** Markdown. */
  readonly description?: string;
  readonly query?: z.ZodMiniObject;
  /** Headers of the request beside those that every request may have. */
  readonly headers?: readonly RequestHeader[];
  readonly body?: BodyDescription;
  readonly answer: AnswerDescription;
}

export type RequestHeader = 'Idempotency-Key' | 'Cache-Control';

export type ResponseHeader =
  | 'Server-Timing'
  | 'X-Hebb-Cache'
  | 'Location'
  | 'Idempotency-Replayed'
  | 'X-Hebb-Next-Offset'
  | 'X-Hebb-Job-State'
  | 'ETag';

export interface BodyDescription {
  readonly description: string;
  /** By media type. */
  readonly content: Readonly<Record<string, ContentDescription>>;
}

export interface ContentDescription {
  /** Of the body, or of each line of NDJSON; none for bytes. */
  readonly schema?: z.ZodMiniType;
  /** What it may be instead. */
  readonly or?: z.ZodMiniType;
  /** Of a form: its field `image` is one file, or several. */
  readonly form?: 'one' | 'many';
  readonly example?: unknown;
}

export interface AnswerDescription {
  readonly status: 200 | 202 | 204;
  readonly description: string;
  readonly content?: Readonly<Record<string, AnswerContent>>;
  readonly headers?: readonly ResponseHeader[];
}

export interface AnswerContent {
  /** Of the body, or of each line of NDJSON; none for bytes and pages. */
  readonly schema?: z.ZodMiniType;
  /** What it may be instead. */
  readonly or?: z.ZodMiniType;
  /** A real answer of examples.json. */
  readonly example?: ExampleName;
}
