import { afterAll, expect, it } from 'vitest';
import { createDecodePool } from '../../../gpu-tier/server/decode/pool.ts';
import type { Preprocessing } from '../../../shared/model/index.ts';
import { encoder, picture } from '../../decode/pictures.ts';

const PREPROCESSING = {
  resize: { rule: 'warp', size: 64 },
  crop: 56,
} as unknown as Preprocessing;

const pool = createDecodePool(2);
afterAll(() => pool.close());

it('goes on when clients go away while their images are decoded', async () => {
  const jpeg = new Uint8Array(await encoder(picture(1500, 1000)).jpeg().toBuffer());
  for (let round = 0; round < 5; round++) {
    const client = new AbortController();
    const decoding = [1, 2, 3, 4].map(() => pool.decode(jpeg, PREPROCESSING, client.signal));
    const first = await Promise.race(decoding);
    expect(first).toHaveLength(56 * 56 * 3);
    // The server is busy while the other answers come in; then their client is gone.
    for (const end = Date.now() + 100; Date.now() < end; );
    client.abort();
    await Promise.allSettled(decoding);
  }
  expect(await pool.decode(jpeg, PREPROCESSING)).toHaveLength(56 * 56 * 3);
});
