import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TarEntry, tar, tarGz } from '@hebb/test/support/tar-writer';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { type UnpackLimits, unpackPhotos } from './unpack.ts';

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);
const photo = (path: string, length = 1000): TarEntry => ({ path, content: bytes(length) });

/** Unpacks an archive in its own folder; `files` are the files there afterwards. */
async function unpack(archive: Uint8Array, limits?: UnpackLimits) {
  const root = await temporaryFolder();
  await writeFile(join(root, 'photos.tgz'), archive);
  const files = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => path !== 'photos.tgz')
      .sort();
  };
  const unpacking = unpackPhotos(join(root, 'photos.tgz'), join(root, 'out'), limits);
  return { root, files, unpacking };
}

describe('unpacking photographs', () => {
  it('writes classes and licence, without the top folder', async () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
    const { root, files, unpacking } = await unpack(
      tarGz([
        { path: 'flower_photos/', type: '5' },
        { path: 'flower_photos/LICENSE.txt', content: Buffer.from('CC-BY') },
        { path: 'flower_photos/daisy/', type: '5' },
        { path: 'flower_photos/daisy/large.jpg', content: large },
        photo('./flower_photos/roses/2.JPEG', 513),
        photo('flower_photos/roses/empty.png', 0),
      ]),
    );
    expect(await unpacking).toBe(3);
    expect(await files()).toEqual([
      'out/LICENSE.txt',
      'out/daisy/large.jpg',
      'out/roses/2.JPEG',
      'out/roses/empty.png',
    ]);
    expect(await readFile(join(root, 'out/daisy/large.jpg'))).toEqual(Buffer.from(large));
    expect(await readFile(join(root, 'out/LICENSE.txt'), 'utf8')).toBe('CC-BY');
  });

  it('skips files that are not photographs of a class', async () => {
    const { files, unpacking } = await unpack(
      tarGz([
        photo('flower_photos/daisy/1.jpg'),
        photo('flower_photos/daisy/run.sh'),
        photo('flower_photos/daisy/._1.jpg'),
        photo('flower_photos/daisy/deep/2.jpg'),
        photo('flower_photos/loose.jpg'),
        photo('top.jpg'),
      ]),
    );
    expect(await unpacking).toBe(1);
    expect(await files()).toEqual(['out/daisy/1.jpg']);
  });

  it.each<[string, TarEntry, RegExp]>([
    ['a path upwards', photo('flower_photos/daisy/../../../evil.jpg'), /path that leads elsewhere/],
    ['an absolute path', photo('/tmp/hebb-evil/daisy/evil.jpg'), /path that leads elsewhere/],
    ['a path of Windows', photo('f\\..\\..\\daisy/evil.jpg'), /path that leads elsewhere/],
    ['a drive', photo('C:/daisy/evil.jpg'), /path that leads elsewhere/],
    ['a symbolic link', { path: 'f/daisy', type: '2', linkTo: '/tmp' }, /not a file.*SymbolicLink/],
    [
      'a hard link',
      { path: 'f/daisy/1.jpg', type: '1', linkTo: '/etc/passwd' },
      /not a file.*\(Link\)/,
    ],
    ['a device', { path: 'f/daisy/1.jpg', type: '3' }, /not a file.*CharacterDevice/],
  ])('refuses %s, and writes nothing more', async (_, evil, message) => {
    const { files, unpacking } = await unpack(tarGz([evil, photo('f/daisy/after.jpg')]));
    await expect(unpacking).rejects.toMatchObject({ code: 'invalid_dataset' });
    await expect(unpacking).rejects.toThrow(message);
    expect(await files()).toEqual([]);
  });

  it('refuses a duplicate file', async () => {
    const twice = [photo('f/daisy/1.jpg', 10), photo('f/daisy/1.jpg', 20)];
    await expect((await unpack(tarGz(twice))).unpacking).rejects.toThrow('has a duplicate file');
  });

  const LIMITS = { entries: 10, fileBytes: 5000, totalBytes: 100_000 };

  it('refuses more than its limits', async () => {
    const many = Array.from({ length: 11 }, (_, i) => photo(`f/a/${i}.jpg`, 10));
    await expect((await unpack(tarGz(many), LIMITS)).unpacking).rejects.toThrow(
      'more than 10 entries',
    );
    const large = [photo('f/a/large.jpg', 6000)];
    await expect((await unpack(tarGz(large), LIMITS)).unpacking).rejects.toThrow(
      'a file of 6000 bytes',
    );
    const said = [{ ...photo('f/a/said.jpg', 10), size: 2 ** 32 }];
    await expect((await unpack(tarGz(said), LIMITS)).unpacking).rejects.toThrow(
      'a file of 4294967296',
    );
  });

  it('refuses an archive bomb of any content', async () => {
    const zeros = Buffer.concat([tar([photo('f/a/1.jpg', 10)]), Buffer.alloc(50e6)]);
    const bomb = gzipSync(zeros); // 50 kB
    await expect((await unpack(bomb, LIMITS)).unpacking).rejects.toThrow(
      'to more than 100000 bytes',
    );
    const ignored = gzipSync(tar([{ path: 'f/a/1.txt', content: new Uint8Array(200_000) }]));
    const limits = { ...LIMITS, fileBytes: 1e6 };
    await expect((await unpack(ignored, limits)).unpacking).rejects.toThrow(
      'to more than 100000 bytes',
    );
  });

  it('refuses a file that is not an archive, and a truncated archive', async () => {
    const whole = tarGz([
      photo('f/a/1.jpg'),
      { path: 'f/a/2.jpg', content: Buffer.from(crypto.getRandomValues(new Uint8Array(4000))) },
    ]);
    for (const archive of [
      Buffer.from('This is no archive.'),
      whole.subarray(0, whole.length / 2),
      gzipSync('This is compressed, and no archive.'),
      gzipSync(tar([photo('f/a/1.jpg', 2000)]).subarray(0, 1500)),
    ]) {
      await expect((await unpack(archive)).unpacking).rejects.toMatchObject({
        code: 'invalid_dataset',
        message: expect.stringContaining('photos.tgz is not a valid archive'),
      });
    }
  });
});
