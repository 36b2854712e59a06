import { describe, expect, it } from 'vitest';
import { startProgress } from './progress.ts';

/** A stream that records its text, and a clock that the test moves. */
function watched(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  return {
    written,
    stream: { isTTY, columns: 80, write: (text: string) => written.push(text) },
    now: () => time,
    wait: (ms: number) => {
      time += ms;
    },
  };
}

describe('progress', () => {
  it('rewrites one line on a terminal, with percentage, rate and time left', () => {
    const screen = watched(true);
    const progress = startProgress({ label: 'calibrating', total: 500, unit: 'images', ...screen });
    progress.update(0);
    screen.wait(2000);
    progress.update(100);
    expect(screen.written.at(-1)).toBe(
      '\rcalibrating  20%  100 of 500 images  50 images/s  8s left\x1b[K',
    );
    screen.wait(8000);
    progress.update(500);
    progress.finish();
    expect(screen.written.at(-1)).toBe(
      '\rcalibrating 100%  500 of 500 images  50 images/s\x1b[K\n',
    );
  });

  it('updates at most ten times a second', () => {
    const screen = watched(true);
    const progress = startProgress({ label: 'x', total: 1000, unit: 'images', ...screen });
    for (let i = 1; i <= 100; i++) {
      screen.wait(1);
      progress.update(i);
    }
    expect(screen.written).toHaveLength(1);
  });

  it('writes a line for every tenth without a terminal', () => {
    const log = watched(false);
    const progress = startProgress({ label: 'download', total: 28_000_000, unit: 'B', ...log });
    for (let bytes = 0; bytes <= 28_000_000; bytes += 100_000) {
      log.wait(10);
      progress.update(bytes);
    }
    progress.finish();
    expect(log.written).toHaveLength(10);
    expect(log.written[0]).toBe('download  10%  2.8 MB of 28.0 MB  9.7 MB/s  3s left\n');
    expect(log.written.at(-1)).toMatch(/^download 100% {2}28\.0 MB of 28\.0 MB/);
  });

  it('counts the rate of a resumed download from its start', () => {
    const screen = watched(true);
    const progress = startProgress({ label: 'd', total: 30_000_000, unit: 'B', ...screen });
    progress.update(20_000_000);
    screen.wait(1000);
    progress.update(21_000_000);
    expect(screen.written.at(-1)).toContain('1.0 MB/s  9s left');
  });

  it('counts without a total', () => {
    const screen = watched(true);
    const progress = startProgress({ label: 'read', unit: 'images', ...screen });
    screen.wait(1000);
    progress.update(3);
    expect(screen.written.at(-1)).toBe('\rread  3 images\x1b[K');
  });
});
