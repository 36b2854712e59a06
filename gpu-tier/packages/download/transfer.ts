/**
 * One HTTP request of a download.
 * @module
 */
import { type FileHandle, open } from 'node:fs/promises';
import { discardPart, type Part, partLength, readOrigin, writeOrigin } from './part.ts';

/** A request for the rest of a file. */
export interface Source {
  readonly url: string;
  readonly part: Part;
  readonly bytes: number;
  readonly fetch: typeof fetch;
  readonly onProgress?: (done: number, total: number) => void;
  readonly stallMs?: number;
}

export type Transfer =
  /** All bytes are there; `resumed` if some are from an earlier request. */
  | { readonly kind: 'complete'; readonly resumed: boolean }
  /** The connection ended early; `length` is the number of bytes in the part. */
  | { readonly kind: 'cut'; readonly length: number }
  /** This server cannot deliver the file. */
  | { readonly kind: 'failed'; readonly reason: string };

const failed = (reason: string): Transfer => ({ kind: 'failed', reason });

/** Requests the missing bytes and appends them. If the server sends the whole file, starts again. */
export async function transfer(source: Source): Promise<Transfer> {
  const { url, part, bytes } = source;
  let start = await partLength(part);
  if (start === bytes) return { kind: 'complete', resumed: true };
  if (start > bytes) {
    await discardPart(part);
    start = 0;
  }
  const watchdog = stallWatchdog(source.stallMs ?? 30_000);
  let [answered, received] = [false, 0];
  try {
    const response = await source.fetch(url, {
      headers: await requestHeaders(source, start),
      signal: watchdog.signal,
    });
    answered = true;
    const problem = await inspect(response, start, source);
    if (problem) return problem;
    const resumed = response.status === 206;
    if (!resumed) {
      start = 0;
      await writeOrigin(part, url, response.headers.get('etag'));
    }
    const file = await open(part.path, resumed ? 'a' : 'w');
    try {
      for await (const chunk of response.body ?? []) {
        watchdog.alive();
        if (start + received + chunk.length > bytes) {
          await file.truncate(0);
          return failed(`it sends more than the ${bytes} bytes expected`);
        }
        await writeAll(file, chunk);
        received += chunk.length;
        source.onProgress?.(start + received, bytes);
      }
    } finally {
      await file.close();
    }
    const complete = start + received === bytes;
    return complete
      ? { kind: 'complete', resumed: start > 0 }
      : { kind: 'cut', length: start + received };
  } catch (error) {
    if (isDiskError(error)) throw error;
    if (answered) return { kind: 'cut', length: start + received };
    return failed(watchdog.signal.aborted ? 'it does not answer' : connectionProblem(error));
  } finally {
    watchdog.stop();
  }
}

async function requestHeaders(
  { url, part }: Source,
  start: number,
): Promise<Record<string, string>> {
  if (start === 0) return {};
  const origin = await readOrigin(part);
  const range = { Range: `bytes=${start}-` };
  return origin?.url === url ? { ...range, 'If-Range': origin.etag } : range;
}

/** Checks status and headers; returns why the body must not be read, or undefined. */
async function inspect(
  response: Response,
  start: number,
  { part, bytes }: Source,
): Promise<Transfer | undefined> {
  const { status, headers } = response;
  let problem: Transfer | undefined;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    const fits =
      range && Number(range[1]) === start && (range[2] === '*' || Number(range[2]) === bytes);
    if (!fits) problem = failed('it sends another range than the one asked for');
  } else if (status === 200) {
    const encoded = headers.has('content-encoding'); // Content-Length then differs from the file's length
    const length = encoded ? null : headers.get('content-length');
    if (length !== null && Number(length) !== bytes) {
      problem = failed(`its file has ${length} bytes, expected ${bytes}`);
    }
  } else {
    if (status === 416) await discardPart(part); // the server's file is shorter than our part, so it is another file
    problem = failed(`it answers ${status} ${response.statusText}`.trim());
  }
  if (problem) await response.body?.cancel();
  return problem;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
  }
}

/** Aborts its signal when `alive` is not called for `ms` milliseconds. */
function stallWatchdog(ms: number) {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), ms);
  return {
    signal: controller.signal,
    alive() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), ms);
    },
    stop: () => clearTimeout(timer),
  };
}

/** fetch wraps socket errors in a TypeError, so a bare system error is from the disk. */
const isDiskError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** Prefix of the reason when a server could not be reached. */
export const NO_CONNECTION = 'no connection';

/** fetch reports only "fetch failed"; the real error is its cause. */
function connectionProblem(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException)?.code;
  return `${NO_CONNECTION} (${code ?? (cause instanceof Error ? cause.message : String(cause))})`;
}
