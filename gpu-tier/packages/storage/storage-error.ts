/**
 * System errors of writing files as typed errors with a remedy.
 * @module
 */
import { type ErrorCode, HebbError } from '@hebb/model/errors';

/** Codes of errno(3) that are due to the place that is written to, not to a bug. */
const CODES: Readonly<Record<string, readonly [code: ErrorCode, why: string]>> = {
  ENOSPC: ['disk_full', 'the disk is full'],
  EDQUOT: ['disk_full', 'the disk quota is used up'],
  EFBIG: ['disk_full', 'the file would be larger than this system or its limits allow'],
  EROFS: ['not_writable', 'the file system is read-only'],
  EACCES: ['not_writable', 'this user has no permission'],
  EPERM: ['not_writable', 'this user has no permission'],
  ENOTDIR: ['not_writable', 'a part of its path is a file, not a folder'],
  EISDIR: ['not_writable', 'there is a folder in its place'],
};

/** EEXIST of `mkdir` with its parents: a file has the name of a folder. */
const IN_PLACE = ['not_writable', 'there is a file in its place'] as const;

/** System calls that write, or open for writing; not `listen`, whose EACCES is about a port. */
const CALLS = new Set([
  ...['open', 'write', 'mkdir', 'mkdtemp', 'rename', 'copyfile', 'link', 'symlink'],
  ...['unlink', 'rm', 'rmdir', 'fsync', 'ftruncate', 'chmod', 'utime'],
]);

/**
 * The typed error for a system error of writing; undefined for any other error.
 * @param what the file or folder that was written; without it, the system call decides whether it was a write
 */
export function storageError(error: unknown, what?: string): HebbError | undefined {
  if (!(error instanceof Error) || error instanceof HebbError) return undefined;
  const { code, path, syscall = '' } = error as NodeJS.ErrnoException;
  const known = code === 'EEXIST' && syscall === 'mkdir' ? IN_PLACE : CODES[code ?? ''];
  if (!known || !(what !== undefined || CALLS.has(syscall))) {
    return undefined;
  }
  const [kind, why] = known;
  const failed =
    what === undefined
      ? `${path ?? 'A file'} cannot be opened or written`
      : `${what} cannot be written`;
  return new HebbError(kind, `${failed}: ${why}.`, { cause: error });
}

/** Runs `work`, which writes `what`; throws system errors of writing as typed errors. */
export async function writing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, what) ?? error;
  }
}

/** True for the errors that `storageError` makes. */
export const isStorageError = (error: unknown): error is HebbError =>
  error instanceof HebbError && (error.code === 'disk_full' || error.code === 'not_writable');
