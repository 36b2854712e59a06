/**
 * Real disks that are full or read-only, and users without permissions. Tests are skipped with a message where
 * the machine does not allow them.
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

/** True if a tmpfs can be mounted, which needs root and is forbidden in most containers. */
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
  if (!canMount) console.warn(`SKIPPED without permission to mount a disk: ${name}`);
  describe.skipIf(!canMount)(name, body);
}

/** Mounts a disk of this many KiB for one test. */
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

/** Remounts the disk read-only. */
export const makeReadOnly = (dir: string): Promise<unknown> =>
  promisify(execFile)('mount', ['-o', 'remount,ro', dir]);

/**
 * Runs a module's source as a user without write permission, and returns its output. Root runs it as `nobody`,
 * since permissions do not restrict root; other users run it as themselves.
 */
export async function asUserWithoutRights(cwd: string, source: string): Promise<string> {
  await mkdir(cwd, { recursive: true, mode: 0o755 });
  const user = isRoot ? { uid: 65534, gid: 65534 } : {};
  const args = ['--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { ...user, cwd });
  return stdout;
}
