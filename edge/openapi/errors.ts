/**
 * Error codes that routes have in common.
 * @module
 */
import type { ErrorCode } from '../../shared/model/errors.ts';

/** Of every route. */
export const ALWAYS: readonly ErrorCode[] = ['method_not_allowed', 'internal'];

/** Of routes that need a key. */
export const ACCESS: readonly ErrorCode[] = [
  'key_required',
  'key_invalid',
  'scope_missing',
  'origin_refused',
  'rate_limited',
  'keys_unreadable',
];

/** Of routes that need a model. */
export const MODEL: readonly ErrorCode[] = ['model_unavailable', 'overloaded'];

/** Of a request body. */
export const BODY: readonly ErrorCode[] = [
  'invalid_argument',
  'missing_image',
  'body_too_large',
  'body_timeout',
  'body_incomplete',
];

/** Of an image: the error of the request, or of the image's line. */
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
