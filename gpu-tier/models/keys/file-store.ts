/**
 * API keys in a file, for a GPU tier that reads it (`hebb serve --keys`): a JSON list of the same records as
 * in KV. It holds only hashes, so anyone may read it, but only its owner may write it.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { HebbError } from '@hebb/model';
import { isKeyRecord, type KeyRecord } from '@hebb/protocol/access/key-record';
import type { KeyStore } from '../publish/store.ts';

export function fileKeyStore(file: string): KeyStore {
  const list = async (): Promise<KeyRecord[]> => {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]'; // the first key creates the file
      throw failed(file, error);
    });
    return parseKeyRecords(text, file);
  };
  const write = async (records: readonly KeyRecord[]): Promise<void> => {
    const partial = `${file}.${randomUUID()}`;
    try {
      await writeFile(partial, `${JSON.stringify(records, null, 2)}\n`, { mode: 0o644 });
      await rename(partial, file); // atomic: a tier that reads now gets the old file or the new one
    } catch (error) {
      await rm(partial, { force: true });
      throw failed(file, error as Error);
    }
  };
  const others = async (id: string) => (await list()).filter((record) => record.id !== id);
  return {
    description: file,
    list,
    put: async (record) => await write([...(await others(record.id)), record]),
    remove: async (id) => await write(await others(id)),
  };
}

/**
 * Parses a JSON list of records. Throws `invalid_argument` when any entry is invalid: a key that was skipped
 * without a message would fail for its holder.
 * @param from where the text comes from, for the message
 */
export function parseKeyRecords(text: string, from: string): KeyRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // answered below
  }
  if (Array.isArray(value) && value.every(isKeyRecord)) return value;
  throw new HebbError('invalid_argument', `${from} is not a JSON list of key records.`, {
    hint: 'Create one: hebb keys create --name NAME --file FILE',
  });
}

const failed = (file: string, cause: Error) =>
  new HebbError('keys_not_stored', `${file}: ${cause.message}`, {
    hint: 'Use a file that this user may read and write.',
    cause,
  });
