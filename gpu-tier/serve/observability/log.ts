/**
 * Structured logs: one JSON object per line. No logging library, since the service needs only one call of
 * JSON.stringify per request.
 * @module
 */

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line with level, event name (snake case) and fields. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** Writes text, and then calls `done`, with an error if it failed. */
export type Write = (text: string, done: (error?: Error | null) => void) => unknown;

/**
 * A log of level `least` and above. Undefined fields are omitted. Times are UTC, RFC 3339.
 *
 * Lines that cannot be written (a full disk, a closed pipe) are dropped and counted: a failing log must not end the
 * service. After a gap come an empty line, since the last line may have been cut off, and an event `log_gap` with the
 * number of lost lines.
 */
export function createLog(write: Write, now: () => Date, least: LogLevel = 'info'): Log {
  let lost = 0;
  const asLine: (...line: Parameters<Log>) => string = (level, event, fields) =>
    `${JSON.stringify({ time: now().toISOString(), level, event, ...fields })}\n`;
  return (level, event, fields) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const before = lost;
    lost = 0;
    const gap = before > 0 ? `\n${asLine('warn', 'log_gap', { lines: before })}` : '';
    write(gap + asLine(level, event, fields), (error) => {
      if (error) lost += before + 1;
    });
  };
}
