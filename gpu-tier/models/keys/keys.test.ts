import { keyDigest, keyIdOf, newKey } from '@hebb/protocol/access/api-key';
import { isKeyRecord, opens, parseKeyRecord } from '@hebb/protocol/access/key-record';
import { describe, expect, it } from 'vitest';
import { createKey, findKey, rotateKey } from './keys.ts';

const HOUR = 3_600_000;
const noon = new Date('2026-03-01T12:00:00Z');
const at = (hours: number) => noon.getTime() + hours * HOUR;
const make = (lifeMs?: number) =>
  createKey({ name: 'test', scopes: ['classify'], ...(lifeMs && { lifeMs }) }, noon);

describe('a key', () => {
  it('has a public id and a secret of 256 bits', async () => {
    const { key, record } = await make();
    expect(key).toMatch(/^hebb_[0-9a-f]{12}_[\w-]{43}$/);
    expect(keyIdOf(key)).toBe(record.id);
    expect(JSON.stringify(record)).not.toContain(key.slice(18));
    const others = Array.from({ length: 200 }, () => newKey(record.id));
    expect(new Set(others).size).toBe(200);
    expect(others.map(keyIdOf)).toEqual(others.map(() => record.id));
  });

  it('is valid until it expires', async () => {
    const { key, record } = await make(2 * HOUR);
    const digest = await keyDigest(key);
    expect(opens(record, digest, at(1.9))).toBe(true);
    expect(opens(record, digest, at(2))).toBe(false);
    expect(opens(record, await keyDigest(newKey(record.id)), at(1))).toBe(false);
  });

  it('is read back as it was stored', async () => {
    const { record } = await rotateKey((await make(HOUR)).record, { overlapMs: 60_000 }, noon);
    expect(parseKeyRecord(JSON.stringify(record))).toEqual(record);
    for (const text of ['', '[]', '{}', 'null', '"hebb"', '{"id":"000000000000"}'])
      expect(parseKeyRecord(text)).toBeUndefined();
    expect(isKeyRecord({ ...record, secrets: [{ sha256: 'x' }] })).toBe(false);
  });
});

describe('a rotation', () => {
  it('keeps the old key valid for the overlap, and no longer', async () => {
    const first = await make();
    const second = await rotateKey(first.record, { overlapMs: 24 * HOUR }, noon);
    const [before, now] = [await keyDigest(first.key), await keyDigest(second.key)];
    expect([opens(second.record, before, at(23)), opens(second.record, now, at(23))]).toEqual([
      true,
      true,
    ]);
    expect([opens(second.record, before, at(24)), opens(second.record, now, at(24))]).toEqual([
      false,
      true,
    ]);
  });

  it('never prolongs the life of the old key', async () => {
    const first = await make(2 * HOUR);
    const digest = await keyDigest(first.key);
    const second = await rotateKey(first.record, { overlapMs: 24 * HOUR, lifeMs: 90 * HOUR }, noon);
    expect(opens(second.record, digest, at(1))).toBe(true);
    expect(opens(second.record, digest, at(3))).toBe(false);
    const third = await rotateKey(second.record, { overlapMs: 48 * HOUR }, noon);
    expect(opens(third.record, digest, at(3))).toBe(false);
    expect(opens(third.record, await keyDigest(second.key), at(47))).toBe(true);
  });

  it('ends the old key at once without an overlap', async () => {
    const first = await make();
    const { record } = await rotateKey(first.record, { overlapMs: 0 }, noon);
    expect(record.secrets).toHaveLength(1);
    expect(opens(record, await keyDigest(first.key), at(0))).toBe(false);
  });

  it('keeps at most three secrets, so that the record fits KV’s metadata', async () => {
    const name = 'ü'.repeat(60);
    const scopes = ['classify', 'batch', 'admin'] as const;
    let { record } = await createKey({ name, scopes, lifeMs: 900 * HOUR }, noon);
    for (let i = 0; i < 5; i++) ({ record } = await rotateKey(record, { overlapMs: HOUR }, noon));
    expect(record.secrets).toHaveLength(3);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(1024);
  });

  it('refuses an expired key', async () => {
    const { record } = await make(HOUR);
    const late = rotateKey(record, { overlapMs: HOUR }, new Date(at(2)));
    await expect(late).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

it('finds a key by the first characters of its id', async () => {
  const records = [(await make()).record, (await make()).record];
  expect(findKey(records, records[1]!.id.slice(0, 8))).toBe(records[1]);
  expect(() => findKey(records, records[0]!.id.slice(0, 3))).toThrow('No key has the id');
  expect(() => findKey([records[0]!, records[0]!], records[0]!.id)).toThrow('2 keys begin');
});
