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

/** Logs from `least` upwards. Fields that are undefined are left out. Times are UTC, RFC 3339. */
export function createLog(
  write: (line: string) => unknown,
  now: () => Date,
  least: LogLevel = 'info',
): Log {
  return (level, event, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    write(`${JSON.stringify({ time: now().toISOString(), level, event, ...fields })}\n`);
  };
}
