/**
 * What a command gets from outside: tests run commands without a process of their own.
 * @module
 */

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** `done` is called once the text is written, or with the error. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Reports failed writes; without a listener they end the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners?(event: 'error'): unknown;
}

export interface Cli {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The piped input; a function, so that commands that do not read it leave it alone. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Base of relative paths on the command line and of `models/`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}
