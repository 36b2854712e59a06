/**
 * The error that everything here throws, with a code of the table in error-table.ts.
 * @module
 */
import { ERRORS, type ErrorCode } from './error-table.ts';

export { ERRORS, type ErrorCode } from './error-table.ts';

/** The JSON body of every error answer. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string };
}

/**
 * An error with a code of the table: what happened (`message`) and what to do (`hint`, by default the
 * row's).
 *
 *     throw new HebbError('file_not_found', `${path} cannot be read.`, { cause });
 */
export class HebbError extends Error {
  override readonly name = 'HebbError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
  }

  /** HTTP status; 500 for an error that was not meant to reach HTTP. */
  get status() {
    return ERRORS[this.code].status ?? 500;
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}
