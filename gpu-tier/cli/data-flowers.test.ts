import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { fileHandler, startServer, unreachableUrl } from '@hebb/test/support/http-server';
import { photo } from '@hebb/test/support/photos';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import { type TarEntry, tarGz } from '@hebb/test/support/tar-writer';
import { temporaryFolder } from '@hebb/test/support/temporary';
import type { PhotoArchive } from '@hebb/train/dataset/flowers/archive';
import { FLOWER_PHOTOS } from '@hebb/train/dataset/flowers/archive';
import { readDataset } from '@hebb/train/dataset/read';
import { describe, expect, it } from 'vitest';
import { dataCommand } from './data.ts';

/** Like flower_photos, but small: two classes of 12, with a copy, a contradiction and a broken file. */
async function smallArchive(): Promise<Buffer> {
  const entries: TarEntry[] = [
    { path: 'flower_photos/LICENSE.txt', content: Buffer.from('By many, CC-BY') },
  ];
  for (const [c, name] of ['daisy', 'tulips'].entries()) {
    for (let i = 0; i < 12; i++) {
      const content = await photo(100 * c + i, { width: 90 + i, height: 80 });
      entries.push({ path: `flower_photos/${name}/${i}.jpg`, content });
    }
  }
  const content = (i: number) => entries[i]!.content!;
  entries.push({ path: 'flower_photos/daisy/copy.jpg', content: content(1) });
  entries.push({ path: 'flower_photos/tulips/daisy.jpg', content: content(2) });
  entries.push({ path: 'flower_photos/tulips/cut.jpg', content: content(20).subarray(0, 600) });
  return tarGz(entries);
}

const bytes = await smallArchive();
const HALF = Math.ceil(bytes.length / 2);
const sha256 = createHash('sha256').update(bytes).digest('hex');

/** A working directory, a server with the archive, and `hebb data flowers` for it. */
async function folder(served: Uint8Array = bytes, options: Parameters<typeof fileHandler>[1] = {}) {
  const cwd = await temporaryFolder();
  const server = await startServer(fileHandler(served, { etag: '"1"', ...options }));
  const archive: PhotoArchive = {
    ...FLOWER_PHOTOS,
    urls: [`${server.url}/flower_photos.tgz`],
    bytes: bytes.length,
    sha256,
  };
  const run = (...args: string[]) =>
    hebb(['data', 'flowers', ...args], {
      cwd,
      env: { HEBB_CACHE: join(cwd, 'cache') },
      commands: [(cli) => dataCommand(cli, archive)],
    });
  return { cwd, server, run };
}

describe('hebb data flowers', () => {
  it('downloads, leaves out copies and broken files, splits, and names the licence', async () => {
    const { cwd, run } = await folder();
    const { code, stdout } = await run('flowers', '--val-share', '0.2');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'Wrote flowers: daisy, tulips',
        '  19 photographs to train on, 4 to validate; 4 copies or broken files left out',
        '  The photographs are licensed CC-BY; LICENSE.txt names their authors.',
        'Next: hebb train --data flowers',
        '',
      ].join('\n'),
    });
    const data = await readDataset(join(cwd, 'flowers'));
    expect([data.classes, data.train.length, data.val.length]).toEqual([
      ['daisy', 'tulips'],
      19,
      4,
    ]);
    expect((await readdir(join(cwd, 'flowers'))).sort()).toEqual(['LICENSE.txt', 'train', 'val']);
    expect(await readFile(join(cwd, 'flowers', 'LICENSE.txt'), 'utf8')).toBe('By many, CC-BY');
    expect((await readdir(cwd)).sort()).toEqual(['cache', 'flowers']);
  });

  it('splits the same way each time, and downloads once', async () => {
    const { cwd, run, server } = await folder();
    const fingerprint = async (name: string, ...args: string[]) => {
      expect((await run(name, ...args)).code).toBe(0);
      return (await readDataset(join(cwd, name))).fingerprint;
    };
    const first = await fingerprint('a');
    expect(await fingerprint('b')).toBe(first);
    expect(await fingerprint('c', '--seed', '5')).not.toBe(first);
    expect(server.requests).toHaveLength(1);
  });

  it('reduces photographs when asked to', async () => {
    const { cwd, run } = await folder();
    expect((await run('small', '--size', '64')).code).toBe(0);
    const { train } = await readDataset(join(cwd, 'small'));
    for (const { path } of train) {
      const { width, height } = await decodeFull(path);
      expect(Math.min(width, height)).toBe(64);
    }
  });

  it('resumes an interrupted download', async () => {
    const { run, server } = await folder(bytes, { cutAfter: HALF });
    expect((await run('flowers')).code).toBe(0);
    expect(server.requests).toEqual([
      '/flower_photos.tgz',
      `/flower_photos.tgz bytes=${HALF}- if "1"`,
    ]);
  });

  it('takes another mirror with --from', async () => {
    const { run, server } = await folder();
    const mirror = await startServer(fileHandler(bytes));
    expect((await run('flowers', '--from', `${mirror.url}/mirror/file.tgz`)).code).toBe(0);
    expect([mirror.requests, server.requests]).toEqual([['/mirror/file.tgz'], []]);
  });

  it('refuses a file with another checksum, and writes nothing', async () => {
    const other = Buffer.from(bytes);
    other[100]! ^= 1;
    const { cwd, run } = await folder(other);
    const { code, stderr } = await run('flowers');
    expect(code).toBe(1);
    expect(stderr).toContain('error checksum_mismatch');
    expect(await readdir(cwd)).toEqual(['cache']);
  });

  it('reports a missing network', async () => {
    const { run } = await folder();
    const { code, stderr } = await run('flowers', '--from', await unreachableUrl());
    expect(code).toBe(1);
    expect(stderr).toContain('There is no network to download flower_photos.tgz from:');
    expect(stderr).toContain('→ Check the network and run the command again: it resumes.');
  });

  it('refuses a target that is not a folder before the download', async () => {
    const { cwd, run, server } = await folder();
    await writeFile(join(cwd, 'flowers'), 'mine');
    expect((await run('flowers')).stderr).toContain('is not a folder');
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['address', ['x', '--from', 'file:///etc/passwd']],
    ['share', ['x', '--val-share', '1.5']],
    ['size', ['x', '--size', '3']],
  ])('refuses an invalid %s', async (_, args) => {
    expect((await (await folder()).run(...args)).code).toBe(2);
  });
});
