/**
 * What the system says when a file cannot be written, as errors that say what to do.
 * @module
 */
import { type ErrorCode, HebbError } from '../../shared/model/errors.ts';

/** Codes of the system (errno(3)) that say something about the place, and nothing about the program. */
const CODES: Readonly<Record<string, readonly [code: ErrorCode, why: string]>> = {
  ENOSPC: ['disk_full', 'the disk is full'],
  EDQUOT: ['disk_full', 'the disk quota is used up'],
  EFBIG: ['disk_full', 'the file would be larger than this system or its limits allow'],
  EROFS: ['not_writable', 'the file system is read-only'],
  EACCES: ['not_writable', 'this user has no right to'],
  EPERM: ['not_writable', 'this user has no right to'],
  ENOTDIR: ['not_writable', 'a part of its path is a file, not a folder'],
  EISDIR: ['not_writable', 'there is a folder in its place'],
};

/** `mkdir` with all folders above, where a file has the name of one. */
const IN_PLACE = ['not_writable', 'there is a file in its place'] as const;

/** Calls that write, or open what may be written: not `listen`, whose EACCES speaks of a port. */
const CALLS = new Set([
  ...['open', 'write', 'mkdir', 'mkdtemp', 'rename', 'copyfile', 'link', 'symlink'],
  ...['unlink', 'rm', 'rmdir', 'fsync', 'ftruncate', 'chmod', 'utime'],
]);

/**
 * The typed error for what the system refused; undefined for errors of any other kind.
 * @param what the file or folder that was being written; without it, the call tells whether one was
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

/** Runs work that writes `what`; what the system refuses is thrown as a typed error. */
export async function writing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, what) ?? error;
  }
}

/** Whether an error says that something could not be written. */
export const isStorageError = (error: unknown): error is HebbError =>
  error instanceof HebbError && (error.code === 'disk_full' || error.code === 'not_writable');
