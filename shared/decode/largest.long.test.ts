/** A picture near the largest size of the table, of every layout, is really decoded. */

import { decode } from '@hebb/test/decode/edge';
import { largest, ROWS, sampleOf } from '@hebb/test/decode/largest';
import { ARENA_BYTES, PREPROCESSING } from '@hebb/test/decode/settings';
import { newArena } from '@hebb/test/support/codecs';
import { LIMITS } from '@hebb/worker/limits';
import { expect, it } from 'vitest';
import { planDecode } from './plan.ts';

/** Beyond it the 20 MB of a file end a layout, or time, not memory: what memory ends is smaller. */
const MOST_PIXELS = 30e6;

const names = ROWS.flatMap((row) =>
  row.encode ? [[`${row.format}, ${row.layout}`, row, row.encode] as const] : [],
);

it.each(names)('%s', { timeout: 600_000 }, async (_, row, encode) => {
  const { width, height } = largest(row, await sampleOf(row), [4, 3]);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  const size = { width: Math.floor(width * scale), height: Math.floor(height * scale) };
  const file = await encode(size);
  expect(file.length).toBeLessThan(LIMITS.body.bytes);
  const arena = newArena(ARENA_BYTES);
  const image = await decode(file, { arena });
  expect(image).toMatchObject({ sourceWidth: size.width, sourceHeight: size.height });
  expect(arena.usedBytes).toBeLessThanOrEqual(planDecode(file, PREPROCESSING.resize).bytes);
});
