/**
 * Structured logs: one JSON object a line. Written by hand, since one call of JSON.stringify per
 * request is all that the service needs of a logging library.
 * @module
 */

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line: the level, the event's name (snake case) and what belongs to it. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** Writes text, and calls `done` when it is written, or with the reason why it is not. */
export type Write = (text: string, done: (error?: Error | null) => void) => unknown;

/**
 * Logs from `least` upwards. Fields that are undefined are left out. Times are UTC, RFC 3339.
 *
 * What cannot be written (a full disk, a pipe that nobody reads) is dropped and counted: a log is no
 * reason to end a service. The first line that is written again comes after `log_gap`, and that after
 * an empty line, since the one before the gap may have been cut off.
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
