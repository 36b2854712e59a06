/**
 * Answers that a Worker with the built-in model gave. test/openapi/answers.test.ts asks for them again;
 * with HEBB_WRITE_EXAMPLES=1 it rewrites this file.
 * @module
 */
import type { ErrorBody, ErrorCode } from '../../shared/model/errors.ts';
import examples from './examples.json' with { type: 'json' };

export type ExampleName =
  | 'batch'
  | 'classification'
  | 'health'
  | 'home'
  | 'jobList'
  | 'jobResults'
  | 'jobStatus'
  | 'models'
  | 'readiness';

/** Lines of NDJSON are text; everything else is JSON. */
export const EXAMPLES: Readonly<Record<ExampleName, unknown>> = examples.answers;

export const ERROR_EXAMPLES: Readonly<Partial<Record<ErrorCode, ErrorBody>>> =
  examples.errors as Partial<Record<ErrorCode, ErrorBody>>;
