/**
 * Recorded answers of a Worker with the built-in model. edge/worker/openapi/answers.test.ts compares them with
 * those of a running Worker; HEBB_WRITE_EXAMPLES=1 records them again.
 * @module
 */
import type { ErrorBody, ErrorCode } from '@hebb/model/errors';
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
