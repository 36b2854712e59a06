import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { readEvents } from '@hebb/test/tensorboard/read-events';
import { describe, expect, it } from 'vitest';
import { createEventWriter } from './event-writer.ts';

/** A clock that advances by 10 s per call, from 2026-01-01. */
function clock() {
  let now = Date.UTC(2026, 0, 1) - 10_000;
  return () => {
    now += 10_000;
    return now;
  };
}

describe('an event file', () => {
  it('holds its version, then the logged values', async () => {
    const dir = join(await temporaryFolder(), 'runs', 'a');
    const writer = createEventWriter(dir, { now: clock() });
    writer.scalars(92, { 'loss/train': 1.5, 'accuracy/val': 0 });
    writer.scalars(2 ** 33, { 'loss/train': Number.NaN, 'Verlust/größer': -0.25 });
    writer.close();

    const [name, ...others] = await readdir(dir);
    expect(others).toEqual([]);
    expect(name).toMatch(/^events\.out\.tfevents\.1767225600\.hebb\.\d+\.0$/);
    const events = readEvents(await readFile(join(dir, name!)));
    const none = { fileVersion: undefined, sessionStatus: undefined };
    expect(events).toEqual([
      { ...none, wallTime: 1_767_225_610, step: 0, fileVersion: 'brain.Event:2', scalars: {} },
      {
        ...none,
        wallTime: 1_767_225_620,
        step: 92,
        scalars: { 'loss/train': 1.5, 'accuracy/val': 0 },
      },
      {
        ...none,
        wallTime: 1_767_225_630,
        step: 2 ** 33,
        scalars: { 'loss/train': Number.NaN, 'Verlust/größer': -0.25 },
      },
    ]);
  });

  it('is complete after every call, so that a killed process loses nothing', async () => {
    const dir = await temporaryFolder();
    const writer = createEventWriter(dir, { now: clock() });
    writer.scalars(1, { loss: 2 });
    const [name] = await readdir(dir);
    expect(readEvents(await readFile(join(dir, name!))).at(-1)!.scalars).toEqual({ loss: 2 });
    writer.close();
    expect(() => writer.scalars(2, { loss: 1 })).toThrow('closed');
  });

  it('is new for a resumed run, and voids points logged after its start', async () => {
    const dir = await temporaryFolder();
    const now = () => 1_000_000; // within the same second
    createEventWriter(dir, { now }).close();
    const writer = createEventWriter(dir, { now, resumedAt: 40 });
    writer.scalars(50, { loss: 2 });
    writer.close();
    const names = (await readdir(dir)).sort();
    expect(names).toHaveLength(2);
    const events = readEvents(await readFile(join(dir, names[1]!)));
    expect(events.map(({ step, sessionStatus }) => [step, sessionStatus])).toEqual([
      [0, undefined],
      [41, 1],
      [50, undefined],
    ]);
  });
});
