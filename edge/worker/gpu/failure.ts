/**
 * Failures of requests to the GPU tier.
 * @module
 */
import { ERRORS, IMAGE_ERRORS } from '@hebb/model/error-table';
import { HebbError } from '@hebb/model/errors';

/**
 * `image`: one of the images is at fault, not the tier. `unavailable`: fall back to the edge.
 * `deadline`: the caller's deadline has passed.
 */
export type FailureKind = 'image' | 'unavailable' | 'deadline';

export class GpuFailure extends Error {
  override readonly name = 'GpuFailure';
  readonly kind: FailureKind;
  /** The error of the image, for the kind `image`. */
  readonly error: HebbError | undefined;
  /** The tier's `Retry-After`, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    more: { error?: HebbError; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.error = more.error;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Most characters of a message of the tier that are passed on. */
const MOST_MESSAGE = 500;

/** The tier's error for an image; undefined if the code is not one of an image. */
export function imageError(code: unknown, message: unknown, hint: unknown): HebbError | undefined {
  const known = IMAGE_ERRORS.find((name) => name === code);
  if (!known || typeof message !== 'string') return undefined;
  const said = typeof hint === 'string' ? hint : ERRORS[known].hint;
  return new HebbError(known, message.slice(0, MOST_MESSAGE), {
    hint: said.slice(0, MOST_MESSAGE),
  });
}

/** An error answer of the tier: `{"error", "code", "hint"}`. @param text of its body */
export function failureOf(status: number, retryAfter: string | null, text: string): GpuFailure {
  let answer: { error?: unknown; code?: unknown; hint?: unknown } = {};
  try {
    answer = (JSON.parse(text) ?? {}) as typeof answer;
  } catch {
    // from a proxy in between
  }
  const { error, code, hint } = answer;
  const message =
    typeof error === 'string' ? error.slice(0, MOST_MESSAGE) : `It answered with status ${status}.`;
  const ofImage = imageError(code, message, hint);
  if (ofImage) return new GpuFailure('image', message, { error: ofImage });
  if (code === 'deadline_exceeded') return new GpuFailure('deadline', message);
  const retryAfterMs = secondsOrDate(retryAfter);
  return new GpuFailure('unavailable', message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** `Retry-After` (RFC 9110, 10.2.3), ms from now. */
function secondsOrDate(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
