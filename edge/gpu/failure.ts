/**
 * Why the GPU tier has not answered a chunk, and what that means.
 * @module
 */
import { ERRORS, IMAGE_ERRORS } from '../../shared/model/error-table.ts';
import { HebbError } from '../../shared/model/errors.ts';

/**
 * `image`: one of the images is at fault, the tier is well. `away`: the tier is; somebody else has to
 * do the work. `late`: the caller's time is over.
 */
export type FailureKind = 'image' | 'away' | 'late';

export class GpuFailure extends Error {
  override readonly name = 'GpuFailure';
  readonly kind: FailureKind;
  /** Of the images, when they are at fault. */
  readonly error: HebbError | undefined;
  /** When the tier wants to be asked again, ms. */
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

/** Most of a message of the tier that is passed on, characters. */
const MOST_MESSAGE = 500;

/** What the tier says of an image; undefined when its code is not one of those. */
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
    // of something in between, which speaks no JSON
  }
  const { error, code, hint } = answer;
  const message =
    typeof error === 'string' ? error.slice(0, MOST_MESSAGE) : `It answered with status ${status}.`;
  const ofImage = imageError(code, message, hint);
  if (ofImage) return new GpuFailure('image', message, { error: ofImage });
  if (code === 'deadline_exceeded') return new GpuFailure('late', message);
  const retryAfterMs = secondsOrDate(retryAfter);
  return new GpuFailure('away', message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** `Retry-After` (RFC 9110, 10.2.3), ms from now. */
function secondsOrDate(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
