import { DecodeThreads } from '@hebb/images/threads';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { afterAll, expect, it } from 'vitest';

const PREPROCESSING = { resize: { rule: 'warp', size: 64 }, crop: 56 } as const;

const threads = new DecodeThreads(2);
afterAll(() => threads.close());

it('clients that go away cost no other image', async () => {
  const jpeg = new Uint8Array(await encoder(picture(1500, 1000)).jpeg().toBuffer());
  const clients = Array.from({ length: 40 }, (_, i) => {
    const client = i % 2 === 0 ? new AbortController() : undefined;
    const answer = threads.input(jpeg, PREPROCESSING, client?.signal);
    answer.catch(() => {});
    return { client, answer };
  });
  await clients[0]!.answer; // the first ones are being decoded now, the others wait
  for (const { client } of clients) client?.abort(new Error('gone'));
  for (const { client, answer } of clients) {
    const [result] = await Promise.allSettled([answer]);
    if (!client) expect(result.status).toBe('fulfilled');
    if (result.status === 'rejected') expect(String(result.reason)).toBe('Error: gone');
  }
  const given = await Promise.allSettled(clients.map(({ answer }) => answer));
  expect(given.some(({ status }) => status === 'rejected')).toBe(true);
});

it('continues when clients go away while their images are decoded', async () => {
  const jpeg = new Uint8Array(await encoder(picture(1500, 1000)).jpeg().toBuffer());
  for (let round = 0; round < 5; round++) {
    const client = new AbortController();
    const decoding = [1, 2, 3, 4].map(() => threads.input(jpeg, PREPROCESSING, client.signal));
    const first = await Promise.race(decoding);
    expect(first).toHaveLength(56 * 56 * 3);
    // The server is busy while the other answers come in; then their client is gone.
    for (const end = Date.now() + 100; Date.now() < end; );
    client.abort();
    await Promise.allSettled(decoding);
  }
  expect(await threads.input(jpeg, PREPROCESSING)).toHaveLength(56 * 56 * 3);
});
