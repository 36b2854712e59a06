/**
 * What every command gets from outside, so that tests can run one without a process.
 * @module
 */

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** `done` is called when it is written, or with what kept it from being written. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Writes that fail; unheard, they end the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners?(event: 'error'): unknown;
}

export interface Cli {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** What is piped in; asked for only by who reads it. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Relative paths on the command line start here, and so does `models/`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}
