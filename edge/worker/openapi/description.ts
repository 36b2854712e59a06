/**
 * How a route is described. The app is built from the same table, so every route is described. The errors of a
 * route are in shared/model/error-table.ts.
 * @module
 */

import type { Scope } from '@hebb/protocol/access/scopes';
import type * as z from 'zod/mini';
import type { ExampleName } from './examples.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

export interface PathDescription {
  /** The scope that a key needs; without one no key is needed. */
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
  /** Request headers of this route, besides those that every request may have. */
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
  /** The alternative schema. */
  readonly or?: z.ZodMiniType;
  /** Whether the field `image` of a form is one file or several. */
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
  /** The alternative schema. */
  readonly or?: z.ZodMiniType;
  /** A real answer from examples.json. */
  readonly example?: ExampleName;
}
