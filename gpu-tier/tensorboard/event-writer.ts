/**
 * Scalars as TensorBoard reads them: `tensorboard --logdir runs`.
 * @module
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, encodeEvent, SESSION_START } from './event.ts';
import { tfRecord } from './record.ts';

export interface EventWriterOptions {
  /** Milliseconds since 1970, as `Date.now` gives them. */
  readonly now: () => number;
  /**
   * The step after which a resumed run goes on: TensorBoard forgets what an interrupted session
   * logged beyond it. 0 or absent for a new run.
   */
  readonly resumedAt?: number;
}

export interface EventWriter {
  /** One point per name: `{ 'loss/train': 1.2 }`. Names that share the part before `/` are one group. */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  /** Closes the file; `scalars` then throws. */
  close(): void;
}

/**
 * Opens a new event file in `dir`: every session of a run writes its own, and TensorBoard reads them
 * in the order of their names, which begin with the time. A record is handed to the system as soon as
 * it is made, so a process that is killed loses none.
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
  // TensorBoard drops points of this step and later ones, and the step itself was finished.
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

/** TensorFlow's names: events.out.tfevents.<seconds>.<host>.<process>.<count>; the host stays private. */
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
