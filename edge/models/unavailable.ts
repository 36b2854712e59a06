import { type ErrorCode, HebbError } from '../../shared/model/errors.ts';

/** Errors that tell the caller something already. */
const PASSED_ON: readonly ErrorCode[] = ['model_unavailable', 'engine_unavailable', 'overloaded'];

/** A package that cannot be loaded is no fault of the caller's, whatever is wrong with it. */
export function asUnavailable(cause: unknown): HebbError {
  if (cause instanceof HebbError && PASSED_ON.includes(cause.code)) return cause;
  const known = cause instanceof HebbError;
  const event = { level: 'error', event: 'model_not_loaded', cause: String(cause) };
  console.error(JSON.stringify(event));
  const reason = known ? cause.message : 'an unexpected error; see the service log.';
  return new HebbError('model_unavailable', `The model cannot be loaded: ${reason}`, { cause });
}
