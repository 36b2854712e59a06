/**
 * The images to classify, from the arguments of a command line.
 * @module
 */
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { imageFiles } from '@hebb/images/images';
import { HebbError } from '@hebb/model/errors';
import { API_LIMITS } from '@hebb/protocol/api/limits';

/** An image that is read on demand. */
export interface Input {
  /** Its path as given, or `-`. */
  readonly name: string;
  readonly bytes: number;
  /** Its content; the Blob of a file reads from the disk when it is sent. */
  open(): Promise<Blob>;
}

export interface InputOptions {
  /** Base of relative paths. */
  readonly cwd: string;
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

/**
 * The images that the arguments name, in order: files, folders (all images below, by extension), or `-` for an image on
 * stdin. Throws `file_not_found`.
 */
export async function inputsOf(words: readonly string[], options: InputOptions): Promise<Input[]> {
  const found: Input[] = [];
  for (const word of words) found.push(...(await inputsOfOne(word, options)));
  return found;
}

async function inputsOfOne(word: string, { cwd, stdin }: InputOptions): Promise<Input[]> {
  if (word === '-') return [await fromStdin(stdin())];
  const path = resolve(cwd, word);
  const info = await stat(path).catch((cause: unknown) => {
    throw new HebbError('file_not_found', `${word} does not exist.`, { cause });
  });
  if (!info.isDirectory()) return [fileInput(word, path, info.size)];
  const files = await imageFiles(path);
  if (files.length === 0) throw new HebbError('file_not_found', `There is no image in ${word}.`);
  return await Promise.all(
    files.map(async (file) =>
      fileInput(relative(cwd, file.path), file.path, (await stat(file.path)).size),
    ),
  );
}

const fileInput = (name: string, path: string, bytes: number): Input => ({
  name,
  bytes,
  open: () => openAsBlob(path),
});

async function fromStdin(stdin: AsyncIterable<Uint8Array>): Promise<Input> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    bytes += chunk.length;
    if (bytes > API_LIMITS.imageBytes) {
      const most = API_LIMITS.imageBytes / 1e6;
      throw new HebbError('body_too_large', `stdin has more than ${most} MB.`);
    }
    chunks.push(new Uint8Array(chunk));
  }
  if (bytes === 0) throw new HebbError('missing_image', 'stdin is empty.');
  return { name: '-', bytes, open: async () => new Blob(chunks) };
}
