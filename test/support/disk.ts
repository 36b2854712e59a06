/**
 * Real disks that are full or read-only, and users with few rights. Where this machine does not let
 * us make them, the tests are skipped, loudly.
 * @module
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, onTestFinished } from 'vitest';

const isRoot = process.getuid?.() === 0;

/** Whether a file system in memory can be mounted: for root, outside most containers. */
const canMount = isRoot && process.platform === 'linux' && mounts();

function mounts(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'hebb-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `describe` for tests that mount small disks. */
export function describeWithDisks(name: string, body: () => void): void {
  if (!canMount) console.warn(`SKIPPED for want of a right to mount a disk: ${name}`);
  describe.skipIf(!canMount)(name, body);
}

/** A disk of its own for this test, of so many KiB. */
export async function smallDisk(kib: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'hebb-disk-'));
  const run = promisify(execFile);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', dir]);
  onTestFinished(async () => {
    await run('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/** From now on nothing can be written to it. */
export const makeReadOnly = (dir: string): Promise<unknown> =>
  promisify(execFile)('mount', ['-o', 'remount,ro', dir]);

/**
 * Runs a module's text as a user who may write to nothing here, and gives what it printed. Root
 * becomes `nobody`, since rights stop no root; another user stays who it is.
 */
export async function asUserWithoutRights(cwd: string, source: string): Promise<string> {
  await mkdir(cwd, { recursive: true, mode: 0o755 });
  const user = isRoot ? { uid: 65534, gid: 65534 } : {};
  const args = ['--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { ...user, cwd });
  return stdout;
}
