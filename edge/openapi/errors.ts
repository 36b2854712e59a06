/**
 * What can go wrong, by what a route does.
 * @module
 */
import type { ErrorCode } from '../../shared/model/errors.ts';

/** With every route. */
export const ALWAYS: readonly ErrorCode[] = ['method_not_allowed', 'internal'];

/** Where a key is needed. */
export const ACCESS: readonly ErrorCode[] = [
  'key_required',
  'key_invalid',
  'scope_missing',
  'origin_refused',
  'rate_limited',
  'keys_unreadable',
];

/** Where a model is needed. */
export const MODEL: readonly ErrorCode[] = ['model_unavailable', 'overloaded'];

/** Of a body. */
export const BODY: readonly ErrorCode[] = [
  'invalid_argument',
  'missing_image',
  'body_too_large',
  'body_timeout',
  'body_incomplete',
];

/** Of one image, as the error of the request or of its line. */
export const IMAGE: readonly ErrorCode[] = [
  'image_too_large',
  'unsupported_format',
  'broken_image',
  'url_refused',
  'url_failed',
  'engine_unavailable',
  'gpu_unavailable',
  'edge_exhausted',
  'deadline_exceeded',
];

/** Of a body with many images. */
export const BATCH: readonly ErrorCode[] = [
  ...BODY,
  'invalid_batch',
  'unsupported_format',
  'batch_too_large',
  'idempotency_reused',
];
