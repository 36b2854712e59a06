/**
 * Clients that send everything before they read, as Node's fetch does, get the Worker's answer, however
 * early it was ready.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { LONG_MS } from '@hebb/test/support/patient-limits';
import { tar } from '@hebb/test/support/tar-writer';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Larger than all buffers in between: this many bytes cannot be sent without a reader. */
const MANY_BYTES = 12e6;

let model: TestPackage;
let worker: TestWorker;
let jpeg: Uint8Array;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  // Senders may be slow but never stop.
  const unread = { idleMs: LONG_MS, ms: LONG_MS };
  worker = await startWorker({ model: model.dir, limits: { unread } });
  jpeg = new Uint8Array(await encoder(picture(320, 240)).jpeg().toBuffer());
});
afterAll(async () => {
  await worker?.close();
  await model?.remove();
});

type Headers = Record<string, string>;

const post = (path: string, body: BodyInit, headers: Headers = {}, method = 'POST') =>
  worker.fetch(path, { method, body, headers, duplex: 'half' } as RequestInit);

/** A body without Content-Length, in pieces of 1 MB. */
const streamed = (body: Uint8Array) =>
  Readable.toWeb(Readable.from(pieces(body))) as ReadableStream<Uint8Array>;

function* pieces(body: Uint8Array) {
  for (let at = 0; at < body.length; at += 1e6) yield body.subarray(at, at + 1e6);
}

const zeros = (bytes = MANY_BYTES) => new Uint8Array(bytes);
const photos = (count: number) =>
  tar(Array.from({ length: count }, (_, i) => ({ path: `${i}.jpg`, content: jpeg })));
/** An archive that continues with incompressible garbage. */
const spoilt = (archive: Uint8Array) =>
  new Uint8Array(Buffer.concat([archive, randomBytes(MANY_BYTES)]));
const GZIP = { 'Content-Type': 'application/gzip' };
const TAR = { 'Content-Type': 'application/x-tar' };

describe.each([
  ['in one piece', (body: Uint8Array<ArrayBuffer>) => body],
  ['of unknown length', streamed],
])('a long body %s', (_how, sent) => {
  const cases: [string, () => Promise<Response>, number, string][] = [
    [
      'with a key that is none',
      () => post('/v1/classify', sent(zeros()), { Authorization: 'Bearer hebb_none' }),
      ...([401, 'key_invalid'] as const),
    ],
    ['for a path that there is not', () => post('/v2/x', sent(zeros())), 404, 'not_found'],
    [
      'by a method that there is not',
      () => post('/v1/classify', sent(zeros()), {}, 'PUT'),
      ...([405, 'method_not_allowed'] as const),
    ],
    [
      'with an option that is wrong',
      () => post('/v1/classify?top=99', sent(zeros())),
      ...([400, 'invalid_argument'] as const),
    ],
    [
      'that is longer than an image',
      () => post('/v1/classify', sent(zeros(60e6))),
      ...([413, 'body_too_large'] as const),
    ],
    ['of no kind', () => post('/v1/batch', sent(zeros())), 400, 'invalid_batch'],
    ['spoilt', () => post('/v1/batch', sent(spoilt(photos(0))), TAR), 400, 'invalid_batch'],
    [
      'spoilt, in gzip',
      () => post('/v1/batch', sent(new Uint8Array(gzipSync(spoilt(photos(0))))), GZIP),
      ...([400, 'invalid_batch'] as const),
    ],
    [
      'of a gzip that is spoilt itself',
      () => post('/v1/batch', sent(spoilt(gzipSync(photos(0)))), GZIP),
      ...([400, 'body_incomplete'] as const),
    ],
    [
      'spoilt, for a job',
      () => post('/v1/jobs', sent(spoilt(photos(2))), TAR),
      400,
      'invalid_batch',
    ],
  ];

  it.each(cases)('%s', async (_what, request, status, code) => {
    const response = await request();
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.status).toBe(status);
  });

  it.each(['/v1/batch', '/v1/jobs'])('%s, repeated with an Idempotency-Key', async (path) => {
    const headers = { ...TAR, 'Idempotency-Key': `${path} ${_how}` };
    const body = new Uint8Array(
      tar([
        { path: 'a.jpg', content: jpeg },
        { path: 'z', content: zeros(7e6) },
      ]),
    );
    const answers: string[] = [];
    for (const replayed of [null, 'true']) {
      let response = await post(path, sent(body), headers);
      while (response.status === 409) {
        // The first answer is stored after it has been read.
        await response.text();
        response = await post(path, sent(body), headers);
      }
      expect(response.headers.get('idempotency-replayed')).toBe(replayed);
      answers.push(await response.text());
    }
    if (path === '/v1/batch') expect(answers[1]).toBe(answers[0]);
  });
});

it('a batch that breaks after some results', async () => {
  const begun = Promise.withResolvers<void>();
  async function* body() {
    yield photos(3).subarray(0, -1024); // without the end marker
    await begun.promise;
    yield* pieces(spoilt(new Uint8Array(0)));
  }
  const sent = Readable.toWeb(Readable.from(body())) as ReadableStream<Uint8Array>;
  const response = await post('/v1/batch', sent, TAR);
  begun.resolve();
  const text = await response.text();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, undefined]);
  expect(lines[3]).toMatchObject({ error: { code: 'invalid_batch' } });
});
