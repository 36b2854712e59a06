import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asUserWithoutRights,
  describeWithDisks,
  makeReadOnly,
  smallDisk,
} from '@hebb/test/support/disk';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkDestinations } from './preflight.ts';
import { storageError } from './storage-error.ts';
import { replaceFile } from './write-file.ts';

const MIB = 2 ** 20;

describeWithDisks('a full disk', () => {
  it('keeps the old file and removes the new one', async () => {
    const disk = await smallDisk(1024);
    const file = join(disk, 'checkpoint');
    await replaceFile(file, 'the old one');
    await expect(replaceFile(file, new Uint8Array(2 * MIB))).rejects.toMatchObject({
      code: 'disk_full',
      message: `${file} cannot be written: the disk is full.`,
    });
    expect(await readFile(file, 'utf8')).toBe('the old one');
    expect(await readdir(disk)).toEqual(['checkpoint']);
  });

  it('is detected before the work, from the sum of all bytes on one disk', async () => {
    const disk = await smallDisk(4096);
    const half = { dir: join(disk, 'runs'), bytes: 3 * MIB };
    await checkDestinations([half]);
    await expect(
      checkDestinations([half, { dir: join(disk, 'models', 'mine'), bytes: 3 * MIB }]),
    ).rejects.toMatchObject({
      code: 'disk_full',
      message: `The disk of ${join(disk, 'runs')} has 5 MB left, and at least 7 MB will be written.`,
    });
    expect(await readdir(disk)).toEqual([]);
  });
});

describeWithDisks('a read-only file system', () => {
  it('is detected before the work, also for root', async () => {
    const disk = await smallDisk(64);
    await makeReadOnly(disk);
    await expect(checkDestinations([{ dir: join(disk, 'runs'), bytes: 0 }])).rejects.toMatchObject({
      code: 'not_writable',
      message: `${join(disk, 'runs')} cannot be written: the file system is read-only.`,
    });
  });
});

describe('a folder without write permission', () => {
  it('is detected before the work', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hebb-rights-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await chmod(dir, 0o555);
    const preflight = join(import.meta.dirname, 'preflight.ts');
    const printed = await asUserWithoutRights(
      dir,
      `import { checkDestinations } from ${JSON.stringify(preflight)};
       await checkDestinations([{ dir: ${JSON.stringify(join(dir, 'models'))}, bytes: 0 }]).then(
         () => console.log('nothing found'),
         ({ code, message }) => console.log(code, message),
       );`,
    );
    expect(printed).toBe(
      `not_writable ${join(dir, 'models')} cannot be written: this user has no permission.\n`,
    );
    expect(await readdir(dir)).toEqual([]);
  });

  it('is also reported when a file is in its place', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'models'), '');
    await expect(
      checkDestinations([{ dir: join(dir, 'models', 'mine'), bytes: 0 }]),
    ).rejects.toMatchObject({ code: 'not_writable' });
  });
});

describe('a system error', () => {
  const systemError = (code: string, syscall: string) =>
    Object.assign(new Error(`${code}: …`), { code, syscall, path: 'models/mine' });

  it('of opening or writing becomes a typed error', () => {
    expect(storageError(systemError('ENOSPC', 'write'))?.code).toBe('disk_full');
    expect(storageError(systemError('EDQUOT', 'open'))?.code).toBe('disk_full');
    expect(storageError(systemError('EACCES', 'mkdir'))?.message).toBe(
      'models/mine cannot be opened or written: this user has no permission.',
    );
  });

  it('of another call does not', () => {
    expect(storageError(systemError('EACCES', 'listen'))).toBeUndefined(); // a port below 1024
    expect(storageError(systemError('ENOENT', 'open'))).toBeUndefined();
    expect(storageError(new Error('ENOSPC'))).toBeUndefined();
  });
});
