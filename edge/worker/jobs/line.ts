/**
 * A line of the results: the dispatcher's result for one image.
 * @module
 */
import type { ErrorBody } from '@hebb/model/errors';
import type { ItemResult } from '../routing/result.ts';

/** `dead`: it failed for a reason other than the image, and can be replayed. */
export type Line = ItemResult & { readonly dead?: true };

export const toNdjson = (lines: readonly Line[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const parseNdjson = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** A chunk's part of the job's counts; stored as metadata of its results. */
export interface ChunkSummary {
  readonly images: number;
  readonly failed: number;
  readonly dead: number;
  readonly edge: number;
  readonly gpu: number;
  /** When its work began and ended, ms since 1970. */
  readonly began: number;
  readonly ended: number;
}

export function summarise(
  lines: readonly Line[],
  times: Pick<ChunkSummary, 'began' | 'ended'>,
): ChunkSummary {
  const count = (test: (line: Line) => boolean | undefined) => lines.filter(test).length;
  return {
    images: lines.length,
    failed: count((line) => 'error' in line && !line.dead),
    dead: count((line) => line.dead),
    edge: count((line) => 'tier' in line && line.tier === 'edge'),
    gpu: count((line) => 'tier' in line && line.tier === 'gpu'),
    ...times,
  };
}

/** R2's metadata is text. */
export const toMetadata = (summary: ChunkSummary): Record<string, string> =>
  Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, String(value)]));

export function fromMetadata(metadata: Readonly<Record<string, string>> = {}): ChunkSummary {
  const read = (name: keyof ChunkSummary) => Number(metadata[name] ?? 0);
  return {
    images: read('images'),
    failed: read('failed'),
    dead: read('dead'),
    edge: read('edge'),
    gpu: read('gpu'),
    began: read('began'),
    ended: read('ended'),
  };
}

/** Whether a retry may succeed: the service failed, not the image. */
export const isTransient = (status: number): boolean =>
  status === 429 || (status >= 500 && status !== 501);

export type LineError = ErrorBody['error'];
