import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileHandler, startServer, unreachableUrl } from '@hebb/test/support/http-server';
import { seededRandom } from '@hebb/test/support/random-weights';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { type DownloadOptions, download } from './download.ts';

const random = seededRandom(1);
const FILE = Uint8Array.from({ length: 300_000 }, () => Math.floor(random() * 256));
const OTHER = FILE.slice().fill(7, 0, 1000);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function options(urls: readonly string[], more: Partial<DownloadOptions> = {}) {
  const folder = await temporaryFolder();
  const to = join(folder, 'cache', 'model.onnx');
  return {
    urls,
    to,
    sha256: sha256(FILE),
    bytes: FILE.length,
    fetch,
    ...more,
  } satisfies DownloadOptions;
}

/** Creates the files that an interrupted run leaves. */
async function leavePart({ to }: DownloadOptions, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await writeFile(`${to}.part`, bytes);
}

const filesBeside = (path: string) => readdir(dirname(path));

describe('download', () => {
  it('downloads a file once, with progress, and leaves no other file', async () => {
    const server = await startServer(fileHandler(FILE, { etag: '"v1"' }));
    const seen: number[] = [];
    const wanted = await options([`${server.url}/model.onnx`], {
      onProgress: (done, total) => {
        seen.push(done);
        expect(total).toBe(FILE.length);
      },
    });
    await download(wanted);
    await download(wanted); // it is there already
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(await filesBeside(wanted.to)).toEqual(['model.onnx']);
    expect(server.requests).toEqual(['/model.onnx']);
    expect(seen.at(-1)).toBe(FILE.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('resumes after the connection broke, if the file is unchanged', async () => {
    const server = await startServer(fileHandler(FILE, { etag: '"v1"', cutAfter: 120_000 }));
    const wanted = await options([`${server.url}/f`]);
    await download(wanted);
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    const [first, ...more] = server.requests;
    expect(first).toBe('/f');
    expect(more.length).toBeGreaterThanOrEqual(2);
    for (const request of more) expect(request).toMatch(/^\/f bytes=[1-9]\d*- if "v1"$/);
  });

  it('resumes the part of an earlier run, also from another mirror', async () => {
    const cut = fileHandler(FILE, { cutAfter: 40_000 });
    const dying = await startServer((request, response) => {
      if (request.headers.range) response.writeHead(503).end();
      else cut(request, response);
    });
    const wanted = await options([`${dying.url}/f`]);
    await expect(download(wanted)).rejects.toMatchObject({ code: 'download_failed' });
    expect(await filesBeside(wanted.to)).toEqual(['model.onnx.part']);
    const whole = await startServer(fileHandler(FILE));
    await download({ ...wanted, urls: [`${whole.url}/f`] });
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(whole.requests).toEqual(['/f bytes=40000-']);
  });

  it('starts again when the server cannot resume', async () => {
    const wanted = await options([]);
    await leavePart(wanted, FILE.subarray(0, 1000));
    const server = await startServer(fileHandler(FILE, { ranges: false }));
    await download({ ...wanted, urls: [`${server.url}/f`] });
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(server.requests).toEqual(['/f bytes=1000-']);
  });

  it('starts again when the file changed in between', async () => {
    const server = await startServer(fileHandler(FILE, { etag: '"new"' }));
    const wanted = await options([`${server.url}/f`]);
    await leavePart(wanted, OTHER.subarray(0, 5000));
    await writeFile(
      `${wanted.to}.part.json`,
      JSON.stringify({ url: `${server.url}/f`, etag: '"old"' }),
    );
    await download(wanted);
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(server.requests).toEqual(['/f bytes=5000- if "old"']); // answered with all of it
    expect(await filesBeside(wanted.to)).toEqual(['model.onnx']);
  });

  it('detects a mixture of two files, and downloads it again', async () => {
    const wanted = await options([]);
    await leavePart(wanted, OTHER.subarray(0, 5000));
    const server = await startServer(fileHandler(FILE));
    await download({ ...wanted, urls: [`${server.url}/f`] });
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(server.requests).toEqual(['/f bytes=5000-', '/f']);
  });

  it('tries the next mirror', async () => {
    const missing = await startServer((_, response) => response.writeHead(404).end('no'));
    const page = await startServer((_, response) => response.end('<html>sign in</html>'));
    const wrong = await startServer(fileHandler(OTHER));
    const right = await startServer(fileHandler(FILE));
    const mirrors = [missing, page, wrong, right].map(({ url }) => `${url}/f`);
    const wanted = await options([await unreachableUrl(), ...mirrors]);
    await download(wanted);
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
    expect(right.requests).toEqual(['/f']); // nothing of the wrong file was kept
  });

  it('refuses and removes a file with another checksum', async () => {
    const server = await startServer(fileHandler(OTHER));
    const wanted = await options([`${server.url}/f`]);
    await expect(download(wanted)).rejects.toMatchObject({
      code: 'checksum_mismatch',
      message: expect.stringContaining('another file'),
    });
    expect(await filesBeside(wanted.to)).toEqual([]);
  });

  it('stops when a server sends more than the file has', async () => {
    const server = await startServer((_, response) => {
      response.write(FILE); // no Content-Length: chunked
      response.end(FILE);
    });
    const wanted = await options([`${server.url}/f`]);
    await expect(download(wanted)).rejects.toThrow('it sends more than the 300000 bytes expected');
  });

  it('reports the error of each mirror', async () => {
    const down = await startServer((_, response) => response.writeHead(503).end());
    const small = await startServer(fileHandler(FILE.subarray(0, 10)));
    const wanted = await options([`${down.url}/f`, `${small.url}/f`]);
    const error: Error = await download(wanted).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'download_failed' });
    expect(error.message).toMatch(/^No mirror gave model\.onnx:/);
    expect(error.message).toContain('it answers 503 Service Unavailable');
    expect(error.message).toContain('its file has 10 bytes, expected 300000');
  });

  it('reports a missing network', async () => {
    const wanted = await options([await unreachableUrl(), await unreachableUrl()]);
    await expect(download(wanted)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringMatching(/^There is no network to download model\.onnx from:/),
    });
  });

  it('aborts a silent connection', async () => {
    const server = await startServer((_, response) => {
      response.setHeader('Content-Length', FILE.length);
      response.write(FILE.subarray(0, 1000));
    });
    const silent = await startServer(() => undefined);
    const wanted = await options([`${server.url}/f`, `${silent.url}/f`], { stallMs: 200 });
    await expect(download(wanted)).rejects.toThrow(/closes the connection.*does not answer/s);
    expect(server.requests).toHaveLength(4); // no progress three times in a row
  });

  it('replaces a damaged file in the cache', async () => {
    const server = await startServer(fileHandler(FILE));
    const wanted = await options([`${server.url}/f`]);
    await download(wanted);
    await writeFile(wanted.to, OTHER);
    await download(wanted);
    expect(new Uint8Array(await readFile(wanted.to))).toEqual(FILE);
  });

  it('reports the disk, not the mirror, when the file cannot be written', async () => {
    const server = await startServer(fileHandler(FILE));
    const wanted = await options([`${server.url}/f`]);
    await mkdir(`${wanted.to}.part`, { recursive: true }); // a folder where the file should go
    await expect(download(wanted)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('cannot be written: EISDIR'),
    });
  });
});
