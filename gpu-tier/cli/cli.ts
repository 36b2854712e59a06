/**
 * What every command gets from outside, so that tests can run one without a process.
 * @module
 */

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
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
