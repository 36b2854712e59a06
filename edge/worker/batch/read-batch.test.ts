import { gzipSync } from 'node:zlib';
import { HebbError } from '@hebb/model/errors';
import { tar } from '@hebb/test/support/tar-writer';
import { zip } from '@hebb/test/support/zip-writer';
import { describe, expect, it } from 'vitest';
import { MemoryBudget } from '../concurrency/memory-budget.ts';
import type { BatchItem } from './item.ts';
import { readBatch } from './read-batch.ts';

const LIMITS = {
  images: 10,
  imageBytes: 50_000,
  entries: 1_000,
  aheadBytes: 100_000,
  unpackedBytes: 1_000_000,
  idleMs: 5_000,
};

const budget = () =>
  new MemoryBudget({ name: 'bodies', capacityBytes: 1e6, maxWaiting: 4, maxWaitMs: 1_000 });

/** Bytes that no format mistakes for its delimiters. */
const file = (bytes: number, seed = 1) =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 37 * seed + (i >> 8) * seed) & 255);

const FILES = [file(1, 2), file(700, 3), file(512, 4), file(30_000, 5)];

/** A body that arrives in pieces of this size. */
function inPieces(body: Uint8Array, bytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) controller.close();
      else controller.enqueue(body.slice(at, at + bytes));
      at += bytes;
    },
  });
}

const requestOf = (body: ReadableStream<Uint8Array>, type: string) =>
  new Request('http://edge/v1/batch', {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
    duplex: 'half',
  } as RequestInit);

async function read(body: Uint8Array, type: string, more: object = {}, pieces = 999) {
  const bodies = budget();
  const items: BatchItem[] = [];
  const options = { limits: LIMITS, bodies, ...more };
  try {
    for await (const item of readBatch(requestOf(inPieces(body, pieces), type), options)) {
      items.push(item);
    }
  } finally {
    expect(bodies.usedBytes).toBe(0);
  }
  return items;
}

async function form(files: readonly Uint8Array[]) {
  const data = new FormData();
  data.append('comment', 'not an image');
  for (const [i, bytes] of files.entries()) {
    data.append('image', new Blob([bytes.slice()]), `photo ${i}.jpg`);
  }
  const response = new Response(data);
  const type = response.headers.get('content-type')!;
  return { body: new Uint8Array(await response.arrayBuffer()), type };
}

const expected = (name: (i: number) => string) =>
  FILES.map((image, index) => ({ index, name: name(index), image, hold: expect.any(Function) }));

describe('a batch yields its images in order, however its bytes arrive', () => {
  for (const pieces of [1, 7, 512, 1_000_000]) {
    it(`in pieces of ${pieces}`, async () => {
      const few = pieces === 1 ? FILES.slice(0, 3) : FILES; // a byte at a time is slow
      const entries = few.map((content, i) => ({ path: `photo ${i}.jpg`, content }));
      const all = expected((i) => `photo ${i}.jpg`).slice(0, few.length);
      const lines = few.map((bytes, i) =>
        JSON.stringify({ name: `photo ${i}.jpg`, image: Buffer.from(bytes).toString('base64') }),
      );
      const { body, type } = await form(few);
      expect(await read(body, type, {}, pieces)).toEqual(all);
      expect(await read(tar(entries), 'application/x-tar', {}, pieces)).toEqual(all);
      expect(await read(gzipSync(tar(entries)), 'application/gzip', {}, pieces)).toEqual(all);
      const ndjson = Buffer.from(`${lines.join('\n\n')}\n`);
      expect(await read(ndjson, 'application/x-ndjson', {}, pieces)).toEqual(all);
      for (const deflated of [false, true]) {
        for (const streamed of [false, true]) {
          const archive = zip(entries.map((entry) => ({ ...entry, deflated, streamed })));
          expect(await read(archive, 'application/zip', {}, pieces)).toEqual(all);
        }
      }
    });
  }
});

describe('an error of one image is its item', () => {
  const codes = (items: readonly BatchItem[]) => items.map(({ error }) => error?.code);

  it('when it is too large, in every format', async () => {
    const files = [FILES[0]!, file(60_000), FILES[1]!];
    const entries = files.map((content, i) => ({ path: `${i}`, content }));
    const ndjson = files.map((b) => `{"image":"${Buffer.from(b).toString('base64')}"}\n`).join('');
    const { body, type } = await form(files);
    for (const items of [
      await read(body, type),
      await read(tar(entries), 'application/x-tar'),
      await read(zip(entries), 'application/zip'),
      await read(
        zip([{ path: 'bomb', content: new Uint8Array(1e6), deflated: true }]),
        'application/zip',
      ).then((bomb) => [{ index: 0 }, ...bomb, { index: 2 }]),
      await read(Buffer.from(ndjson), 'application/x-ndjson'),
    ]) {
      expect(codes(items)).toEqual([undefined, 'body_too_large', undefined]);
    }
  });

  it('when it is empty, damaged in its archive, or not valid JSON', async () => {
    const content = FILES[1]!;
    const tarred = tar([
      { path: 'empty' },
      { path: 'folder', type: '5' },
      { path: '._x', content },
    ]);
    expect(codes(await read(tarred, 'application/x-tar'))).toEqual(['missing_image']);
    const zipped = zip([
      { path: 'a', content, crc: 1 },
      { path: '__MACOSX/a', content },
    ]);
    expect(codes(await read(zipped, 'application/zip'))).toEqual(['broken_image']);
    const ndjson = '{"image":\n{"name":"x"}\n{"image":"#"}\n{"image":""}\n';
    expect(codes(await read(Buffer.from(ndjson), 'application/x-ndjson'))).toEqual([
      'invalid_argument',
      'missing_image',
      'invalid_argument',
      'missing_image',
    ]);
  });

  it('when its URL is refused; otherwise it is fetched', async () => {
    const ndjson = Buffer.from('{"url":"https://a/1"}\n{"url":"https://b/2","name":"two"}');
    const fetchImage = async (url: string) => {
      if (url.includes('//a/')) throw new HebbError('url_refused', 'no');
      return FILES[2]!.slice();
    };
    expect(await read(ndjson, 'application/x-ndjson', { fetchImage })).toMatchObject([
      { name: 'https://a/1', error: { code: 'url_refused' } },
      { name: 'two', image: FILES[2] },
    ]);
    expect(codes(await read(ndjson, 'application/x-ndjson'))).toEqual([
      'url_refused',
      'url_refused',
    ]);
  });
});

describe('a batch ends with an error', () => {
  const small = { path: 'x', content: FILES[0]! };

  it('when its type is unknown, or it is cut off, garbled or too long', async () => {
    const cut = tar([{ path: 'x', content: FILES[3]! }]).subarray(0, 20_000);
    await expect(read(cut, 'application/x-tar')).rejects.toMatchObject({ code: 'body_incomplete' });
    const half = zip([{ path: 'x', content: FILES[3]! }]).subarray(0, 20_000);
    await expect(read(half, 'application/zip')).rejects.toMatchObject({ code: 'body_incomplete' });
    for (const type of ['', 'image/jpeg', 'multipart/mixed']) {
      await expect(read(FILES[1]!, type)).rejects.toMatchObject({ code: 'invalid_batch' });
    }
    for (const type of [
      'application/x-tar',
      'application/zip',
      'multipart/form-data; boundary=x',
    ]) {
      await expect(read(FILES[1]!, type)).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid_batch|body_incomplete)$/),
      });
    }
    await expect(read(tar([]), 'application/x-tar')).rejects.toMatchObject({
      code: 'missing_image',
    });
    const eleven = tar(Array.from({ length: 11 }, () => small));
    await expect(read(eleven, 'application/x-tar')).rejects.toMatchObject({
      code: 'batch_too_large',
    });
  });
});

describe('a batch has a limit on entries, including skipped ones', () => {
  const many = <T>(entry: T) => Array.from({ length: LIMITS.entries }, () => entry);
  const content = FILES[0]!;
  const part = '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n\r\n';
  const cases: [string, string, () => Uint8Array][] = [
    ['folders', 'application/x-tar', () => tar(many({ path: 'f', type: '5' as const }))],
    ['AppleDouble files', 'application/x-tar', () => tar(many({ path: '._a', content }))],
    ['blocks of zeros', 'application/x-tar', () => Buffer.alloc(512 * (LIMITS.entries + 1))],
    [
      'folders, gzipped',
      'application/gzip',
      () => gzipSync(tar(many({ path: 'f', type: '5' as const }))),
    ],
    [
      'folders',
      'application/zip',
      () => zip(many({ path: 'f/', content: new Uint8Array(0), deflated: true })),
    ],
    ['Mac’s files', 'application/zip', () => zip(many({ path: '__MACOSX/a', content }))],
    ['blank lines', 'application/x-ndjson', () => Buffer.alloc(LIMITS.entries + 1, '\n')],
    ['lines of blanks', 'application/x-ndjson', () => Buffer.from(many('   \r\n').join(''))],
    [
      'fields that are no image',
      'multipart/form-data; boundary=b',
      () => Buffer.from(`${many(part).join('')}--b--\r\n`),
    ],
  ];
  it.each(cases)('%s (%s)', async (_what, type, body) => {
    const error = { code: 'batch_too_large', message: expect.stringContaining('1000 entries') };
    await expect(read(body(), type, {}, 10_000)).rejects.toMatchObject(error);
  });

  it('and a batch below it is read with its images', async () => {
    const folders = Array.from({ length: 900 }, () => ({ path: 'f', type: '5' as const }));
    const archive = tar([...folders, { path: 'a', content }]);
    expect(await read(archive, 'application/x-tar', {}, 10_000)).toMatchObject([{ name: 'a' }]);
    const lines = `${'\n'.repeat(900)}{"image":"AAAA"}\n${'\n'.repeat(90)}`;
    expect(await read(Buffer.from(lines), 'application/x-ndjson', {}, 10_000)).toHaveLength(1);
  });
});

describe('the unpacked size of a zip archive', () => {
  const zeros = (bytes: number) => ({
    path: 'zeros',
    content: new Uint8Array(bytes),
    deflated: true,
  });

  it('is limited in total', async () => {
    const few = { ...LIMITS, unpackedBytes: 100_000 };
    const fits = zip([zeros(40_000), zeros(40_000)]);
    expect(await read(fits, 'application/zip', { limits: few })).toHaveLength(2);
    const trap = zip([zeros(40_000), zeros(40_000), zeros(40_000)]);
    await expect(read(trap, 'application/zip', { limits: few })).rejects.toMatchObject({
      code: 'batch_too_large',
      message: expect.stringContaining('0.1 MB'),
      hint: expect.stringMatching(/.{10}/),
    });
  });

  it('does not count skipped files', async () => {
    const few = { ...LIMITS, unpackedBytes: 100 };
    const clutter = zip([
      { ...zeros(40_000), path: '._x' },
      { path: 'a', content: FILES[0]! },
    ]);
    expect(await read(clutter, 'application/zip', { limits: few })).toMatchObject([{ name: 'a' }]);
  });
});

describe('the JSON beside the image of a line', () => {
  it('is limited, without affecting other lines', async () => {
    const long = `{"image":"AAAA","note":"${'x'.repeat(20_000)}"}`;
    const lines = `${long}\n{"note":"${'x'.repeat(20_000)}"}\n{"image":"AA\\u002BA"}\n`;
    const items = await read(Buffer.from(lines), 'application/x-ndjson');
    expect(items).toMatchObject([
      { error: { code: 'invalid_argument', message: expect.stringContaining('16384 bytes') } },
      { error: { code: 'invalid_argument', message: expect.stringContaining('16384 bytes') } },
      { image: Uint8Array.from(Buffer.from('AA+A', 'base64')) },
    ]);
  });
});

describe('a gzipped archive', () => {
  it('that unpacks to more than the limit is given up', async () => {
    const trap = tar([{ path: 'x', content: new Uint8Array(5_000_000) }]);
    const reading = read(gzipSync(trap), 'application/gzip');
    await expect(reading).rejects.toMatchObject({ code: 'batch_too_large' });
  });
});

describe('memory', () => {
  it('is not filled while held images use the limit', async () => {
    const bodies = budget();
    const files = Array.from({ length: 6 }, (_, i) => ({ path: `${i}`, content: file(40_000) }));
    const body = inPieces(tar(files), 512);
    const items = readBatch(requestOf(body, 'application/x-tar'), { limits: LIMITS, bodies });
    const releases: (() => void)[] = [];
    for (let i = 0; i < 3; i++) releases.push((await items.next()).value.hold());
    let came = false;
    const fourth = items.next().then((next) => {
      came = true;
      return next;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(came).toBe(false);
    releases[0]!();
    expect((await fourth).value).toMatchObject({ index: 3 });
    await items.return(undefined);
    expect(bodies.usedBytes).toBeGreaterThan(0); // two are still held
    releases[1]!();
    releases[2]!();
    expect(bodies.usedBytes).toBe(0);
  });
});
