import { type ErrorCode, HebbError } from '../../shared/model/errors.ts';

/** An error that ends a command with an exit code of its own, for scripts to tell apart. */
export class ExitError extends HebbError {
  readonly exitCode: number;

  constructor(exitCode: number, code: ErrorCode, message: string, options: { hint?: string } = {}) {
    super(code, message, options);
    this.exitCode = exitCode;
  }
}
