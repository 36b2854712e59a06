/**
 * Downloads known files: size and sha256 are pinned, mirrors are tried in turn, and interrupted downloads are
 * resumed.
 * @module
 */
import { mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { discardPart, fileSha256, partLength, partOf } from './part.ts';
import { NO_CONNECTION, transfer } from './transfer.ts';

export interface DownloadOptions {
  /** Mirrors of the same file, the preferred one first. */
  readonly urls: readonly string[];
  /** Path of the file; while it is incomplete it is `<to>.part`. */
  readonly to: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly fetch: typeof fetch;
  /** Called as bytes arrive; `done` includes the bytes of earlier attempts. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds without data after which a connection is aborted; 30,000 by default. */
  readonly stallMs?: number;
}

/** Why a mirror failed. */
interface Failure {
  readonly url: string;
  readonly reason: string;
  readonly wrongContent: boolean;
}

/** Consecutive interrupted connections without progress before the next mirror is tried. */
const FRUITLESS_ATTEMPTS = 3;

/**
 * Downloads the file to `to`, unless it is already there. Throws `download_failed`, or `checksum_mismatch` when
 * a mirror gave another file.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { urls, to, bytes, sha256 } = options;
  if (await isFile(to, bytes, sha256)) return;
  const failures: Failure[] = [];
  try {
    await mkdir(dirname(to), { recursive: true });
    for (const url of urls) {
      const failure = await fromMirror(url, options);
      if (!failure) return;
      failures.push(failure);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HebbError('download_failed', `${to} cannot be written: ${why}`, {
      hint: 'Free some disk space, or set HEBB_CACHE to another folder.',
      cause,
    });
  }
  throw summary(basename(to), failures);
}

async function fromMirror(url: string, options: DownloadOptions): Promise<Failure | undefined> {
  const { to, bytes, sha256 } = options;
  const part = partOf(to);
  let longest = await partLength(part);
  for (let fruitless = 0; fruitless < FRUITLESS_ATTEMPTS; ) {
    const result = await transfer({ ...options, url, part });
    if (result.kind === 'failed') return { url, reason: result.reason, wrongContent: false };
    if (result.kind === 'cut') {
      fruitless = result.length > longest ? 0 : fruitless + 1;
      longest = Math.max(longest, result.length);
      continue;
    }
    if ((await fileSha256(part.path)) === sha256) {
      await rename(part.path, to);
      await discardPart(part);
      return undefined;
    }
    await discardPart(part);
    // The first part may be from another mirror or an older file: start again.
    if (result.resumed) continue;
    return { url, reason: `its ${bytes} bytes are another file`, wrongContent: true };
  }
  return { url, reason: 'it closes the connection', wrongContent: false };
}

async function isFile(path: string, bytes: number, sha256: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status?.size === bytes && (await fileSha256(path)) === sha256;
}

function summary(file: string, failures: readonly Failure[]): HebbError {
  const list = failures.map(({ url, reason }) => `\n    ${new URL(url).host}: ${reason}`).join('');
  const wrong = failures.some(({ wrongContent }) => wrongContent);
  const offline = failures.every(({ reason }) => reason.startsWith(NO_CONNECTION));
  const what = offline ? `There is no network to download ${file} from` : `No mirror gave ${file}`;
  return new HebbError(wrong ? 'checksum_mismatch' : 'download_failed', `${what}:${list}`);
}
