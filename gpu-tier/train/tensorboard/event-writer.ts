/**
 * Writes scalars as TensorBoard event files: `tensorboard --logdir runs`.
 * @module
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, encodeEvent, SESSION_START } from './event.ts';
import { tfRecord } from './record.ts';

export interface EventWriterOptions {
  /** Milliseconds since 1970, as from `Date.now`. */
  readonly now: () => number;
  /**
   * The last step before a resume: TensorBoard drops later points of the interrupted session. 0 or absent
   * for a new run.
   */
  readonly resumedAt?: number;
}

export interface EventWriter {
  /** Writes one point per name: `{ 'loss/train': 1.2 }`. The part before `/` groups names. */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  /** Closes the file; `scalars` then throws. */
  close(): void;
}

/**
 * Opens a new event file in `dir`. Each session of a run writes its own file, and TensorBoard reads them
 * in the order of their names, which contain the time. Records are written immediately, so a killed
 * process loses none.
 */
export function createEventWriter(
  dir: string,
  { now, resumedAt = 0 }: EventWriterOptions,
): EventWriter {
  mkdirSync(dir, { recursive: true });
  const file = openNew(dir, Math.floor(now() / 1000));
  let open = true;
  const write = (event: Omit<Event, 'wall_time'>) => {
    if (!open) throw new Error('The event file is closed.');
    writeSync(file, tfRecord(encodeEvent({ wall_time: now() / 1000, ...event })));
  };
  write({ file_version: 'brain.Event:2' });
  // TensorBoard drops points from this step on; `resumedAt` itself is finished.
  if (resumedAt > 0) write({ step: resumedAt + 1, session_log: { status: SESSION_START } });
  return {
    scalars(step, values) {
      const value = Object.entries(values).map(([tag, simple_value]) => ({ tag, simple_value }));
      if (value.length > 0) write({ step, summary: { value } });
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** TensorFlow's file name: events.out.tfevents.<seconds>.<host>.<process>.<count>, without the real host. */
function openNew(dir: string, seconds: number): number {
  for (let count = 0; ; count++) {
    const name = `events.out.tfevents.${seconds}.hebb.${process.pid}.${count}`;
    try {
      return openSync(join(dir, name), 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
