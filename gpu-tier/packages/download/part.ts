/**
 * The incomplete file of a download, and where its bytes came from.
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';

export interface Part {
  /** File with the bytes received so far. */
  readonly path: string;
  /** File with the `Origin` of the bytes. */
  readonly originPath: string;
}

/** Source of a part: with it the server can be asked to resume only an unchanged file (If-Range). */
export interface Origin {
  readonly url: string;
  readonly etag: string;
}

export const partOf = (to: string): Part => ({
  path: `${to}.part`,
  originPath: `${to}.part.json`,
});

/** Bytes received by earlier attempts. */
export async function partLength({ path }: Part): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Undefined when the server gave no strong ETag (RFC 9110, 8.8.1). */
export async function readOrigin({ originPath }: Part): Promise<Origin | undefined> {
  try {
    return JSON.parse(await readFile(originPath, 'utf8')) as Origin;
  } catch {
    return undefined;
  }
}

export async function writeOrigin(part: Part, url: string, etag: string | null): Promise<void> {
  if (!etag || etag.startsWith('W/')) await rm(part.originPath, { force: true });
  else await writeFile(part.originPath, JSON.stringify({ url, etag } satisfies Origin));
}

export async function discardPart({ path, originPath }: Part): Promise<void> {
  await rm(path, { force: true });
  await rm(originPath, { force: true });
}

/** SHA-256 of a file in lower-case hex, read as a stream. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
