/**
 * The most common mistakes of callers: the answer names them and says what to do.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import type { ErrorBody } from '@hebb/model/errors';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { tar } from '@hebb/test/support/tar-writer';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FORM = 'application/x-www-form-urlencoded';
const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const;
type Format = (typeof FORMATS)[number];

let model: TestPackage;
let worker: TestWorker;
let folder: string;
const images = {} as Record<Format, Buffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  worker = await startWorker({ model: model.dir });
  folder = await mkdtemp(join(tmpdir(), 'hebb-mistakes-'));
  for (const format of FORMATS) {
    images[format] = await encoder(picture(320, 240)).toFormat(format).toBuffer();
    await writeFile(join(folder, `photo.${format}`), images[format]);
  }
});
afterAll(async () => {
  await worker?.close();
  await model?.remove();
  await rm(folder, { recursive: true, force: true });
});

type Init = Record<string, string>;

async function classify(body: string | Uint8Array, headers: Init = {}) {
  const sent = typeof body === 'string' ? body : new Uint8Array(body);
  const response = await worker.fetch('/v1/classify', { method: 'POST', body: sent, headers });
  return { status: response.status, ...((await response.json()) as Partial<ErrorBody>) };
}

/** The only error of a batch with the file and a valid image after it. */
async function inBatch(file: Uint8Array) {
  const entries = [
    { path: 'mistake', content: file },
    { path: 'good.jpg', content: images.jpeg },
  ];
  const headers = { 'Content-Type': 'application/x-tar' };
  const init = { method: 'POST', body: new Uint8Array(tar(entries)), headers };
  const text = await (await worker.fetch('/v1/batch', init)).text();
  const [first, second] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(second).toMatchObject({ tier: 'edge' });
  return (first as ErrorBody).error;
}

const run = promisify(execFile);

/** What curl itself sends. */
async function curl(...options: string[]) {
  const url = new URL('/v1/classify', worker.url).href;
  const { stdout } = await run('curl', ['-s', url, ...options], { cwd: folder });
  return JSON.parse(stdout) as Partial<ErrorBody>;
}

describe('curl', () => {
  it.each(FORMATS)('-d @photo.%s removes bytes from the file', async (format) => {
    const { error } = await curl('-d', `@photo.${format}`);
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(broken_image|unsupported_format)$/),
    });
    expect(error!.hint).toContain('--data-binary');
  });

  it('--data-binary @photo.jpg, which has the same Content-Type, is answered', async () => {
    for (const format of FORMATS) {
      expect(await curl('--data-binary', `@photo.${format}`)).toHaveProperty('predictions');
    }
  });

  it('-d photo.jpg sends the name', async () => {
    const { error } = await curl('-d', 'photo.jpg');
    expect(error).toMatchObject({ code: 'unsupported_format', hint: expect.stringContaining('@') });
  });

  it('-d image=@photo.jpg sends a URL-encoded form', async () => {
    const { error } = await curl('-d', 'image=@photo.jpg');
    expect(error).toMatchObject({
      code: 'unsupported_format',
      hint: expect.stringContaining('-F'),
    });
  });

  it('-d {"image": …} without a Content-Type is JSON', async () => {
    const { error } = await curl('-d', '{"image": "aaaa"}');
    expect(error!.hint).toContain('Content-Type: application/json');
  });
});

/** The bytes decoded as text and encoded again, as by programs that read a file as text. */
const asUtf8 = (bytes: Uint8Array) => Buffer.from(new TextDecoder().decode(bytes));
const asLatin1 = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8');
const asWindows1252 = (bytes: Uint8Array) =>
  Buffer.from(new TextDecoder('windows-1252').decode(bytes), 'utf8');
const asUtf16 = (bytes: Uint8Array) =>
  Buffer.concat([
    Buffer.of(0xff, 0xfe),
    Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf16le'),
  ]);

describe('mistakes that the bytes show, alone and in a batch', () => {
  const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
  const cases: [string, () => Uint8Array, RegExp][] = [
    ...FORMATS.map((format): [string, () => Uint8Array, RegExp] => [
      `a ${format} that was read as UTF-8`,
      () => asUtf8(images[format]),
      /Read the file as bytes/,
    ]),
    ['a JPEG that was read as Latin-1', () => asLatin1(images.jpeg), /Read the file as bytes/],
    ['a PNG that was read as Latin-1', () => asLatin1(images.png), /Read the file as bytes/],
    ['a PNG that was read as Windows-1252', () => asWindows1252(images.png), /as bytes/],
    ['a JPEG that went through PowerShell’s pipe', () => asUtf16(images.jpeg), /as bytes/],
    ...FORMATS.map((format): [string, () => Uint8Array, RegExp] => [
      `a ${format} in base64`,
      () => Buffer.from(images[format].toString('base64').replace(/.{76}/g, '$&\n')),
      /"image": "<base64>"/,
    ]),
    [
      'a data: URL',
      () => Buffer.from(`data:image/jpeg;base64,${images.jpeg.toString('base64')}`),
      /"image": "data:/,
    ],
    ['a gzip', () => gzipSync(images.jpeg), /Content-Encoding: gzip/],
    ['a web page', () => Buffer.from('<!DOCTYPE html><title>404</title>'), /image file itself/],
    ['JSON', () => Buffer.from(' {"image": "aaaa"}'), /Content-Type: application\/json/],
    ['a pointer of Git LFS', () => Buffer.from(LFS), /git lfs pull/],
    ['an address', () => Buffer.from('https://example.com/a.jpg'), /"url": "https/],
  ];

  it.each(cases)('%s', async (_what, make, hint) => {
    const single = await classify(make());
    expect(single).toMatchObject({ status: 415, error: { code: 'unsupported_format' } });
    expect(single.error!.hint).toMatch(hint);
    expect(await inBatch(make())).toEqual(single.error);
  });

  it('an empty file', async () => {
    expect(await classify('')).toMatchObject({ status: 400, error: { code: 'missing_image' } });
    expect(await inBatch(new Uint8Array(0))).toMatchObject({ code: 'missing_image' });
  });
});

describe('a compressed body', () => {
  it('is unpacked from gzip and deflate', async () => {
    const gzip = { 'Content-Encoding': 'gzip' };
    expect(await classify(gzipSync(images.jpeg), gzip)).toHaveProperty('predictions');
    const deflate = { 'Content-Encoding': 'deflate' };
    expect(await classify(deflateSync(images.png), deflate)).toHaveProperty('predictions');
  });

  it('that unpacks to more than the limit is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(30e6));
    const { status, error } = await classify(bomb, { 'Content-Encoding': 'gzip' });
    expect([status, error!.code]).toEqual([413, 'body_too_large']);
    expect(error!.message).toContain('20.0 MB');
  });

  it('that is not compressed, or with an unknown coding, is refused', async () => {
    const plain = await classify(images.jpeg, { 'Content-Encoding': 'gzip' });
    expect(plain).toMatchObject({ status: 400, error: { code: 'body_incomplete' } });
    expect(plain.error!.hint).toContain('without Content-Encoding');
    const brotli = await classify(images.jpeg, { 'Content-Encoding': 'br' });
    expect(brotli).toMatchObject({ status: 415, error: { code: 'unsupported_format' } });
    expect(brotli.error!.message).toContain('"br"');
  });

  it('may be a batch or JSON', async () => {
    const encoding = { 'Content-Encoding': 'gzip' };
    const json = gzipSync(JSON.stringify({ image: images.jpeg.toString('base64') }));
    const type = { 'Content-Type': 'application/json' };
    expect(await classify(json, { ...encoding, ...type })).toHaveProperty('predictions');
    const archive = gzipSync(tar([{ path: 'a.jpg', content: images.jpeg }]));
    const response = await worker.fetch('/v1/batch', {
      method: 'POST',
      body: new Uint8Array(archive),
      headers: { ...encoding, 'Content-Type': 'application/x-tar' },
    });
    expect(JSON.parse(await response.text())).toMatchObject({ name: 'a.jpg', tier: 'edge' });
  });
});

describe('no mistake is reported for', () => {
  it('a valid image with any Content-Type', async () => {
    for (const format of FORMATS) {
      for (const type of [FORM, 'text/plain', 'application/octet-stream', '']) {
        const answer = await classify(images[format], type === '' ? {} : { 'Content-Type': type });
        expect(answer, `${format} as ${type}`).toHaveProperty('predictions');
      }
    }
  });

  it('a valid image with a damaged caption', async () => {
    const caption = Buffer.from(`\0\0${'\ufffd'.repeat(20)}`);
    caption.writeUInt16BE(caption.length, 0);
    const comment = Buffer.concat([Buffer.of(0xff, 0xfe), caption]); // a COM segment (T.81, B.2.4.5)
    const captioned = Buffer.concat([images.jpeg.subarray(0, 2), comment, images.jpeg.subarray(2)]);
    expect(await classify(captioned)).toHaveProperty('predictions');
  });

  it('a cut-off image, except with the type of a form, where both may have happened', async () => {
    const half = images.jpeg.subarray(0, images.jpeg.length / 2);
    const plain = await classify(half, { 'Content-Type': 'image/jpeg' });
    expect(plain).toMatchObject({ status: 422, error: { code: 'broken_image' } });
    expect(plain.error!.hint).not.toContain('curl');
    const form = await classify(half, { 'Content-Type': FORM });
    expect(form.error!.hint).toContain('--data-binary');
  });
});
