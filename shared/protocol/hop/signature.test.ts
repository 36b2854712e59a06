import { describe, expect, it } from 'vitest';
import { ReplayWindow } from './replay-window.ts';
import {
  newNonce,
  sha256,
  signAnswer,
  signRequest,
  verifyAnswer,
  verifyRequest,
} from './signature.ts';

const OLD = 'an old secret of the hop';
const NEW = 'a new secret of the hop';
const HEAD = { method: 'POST', path: '/v2/models/flowers/infer' };
const body = new TextEncoder().encode('pixels');

async function signed(secret = OLD) {
  const parts = { time: 1_800_000_000_000, nonce: newNonce(), digest: await sha256(body) };
  return { parts, header: await signRequest(HEAD, parts, secret) };
}

describe('a signed request', () => {
  it('is accepted with either of two secrets, for a change of the secret', async () => {
    for (const secret of [OLD, NEW]) {
      const { parts, header } = await signed(secret);
      expect(await verifyRequest(HEAD, header, [NEW, OLD])).toEqual({ ...parts, secret });
    }
  });

  it('is rejected with another secret, method, path, time, nonce or digest', async () => {
    const { header } = await signed();
    expect(await verifyRequest(HEAD, header, [NEW])).toBeUndefined();
    for (const head of [
      { ...HEAD, method: 'PUT' },
      { ...HEAD, path: `${HEAD.path}?x=1` },
    ]) {
      expect(await verifyRequest(head, header, [OLD])).toBeUndefined();
    }
    for (const [part, other] of [
      [/t=\d/, 't=2'],
      [/n=./, header.includes('n=0') ? 'n=1' : 'n=0'],
      [/d=./, header.includes('d=0') ? 'd=1' : 'd=0'],
    ] as const) {
      expect(await verifyRequest(HEAD, header.replace(part, other), [OLD])).toBeUndefined();
    }
    expect(await verifyRequest(HEAD, 'no signature', [OLD])).toBeUndefined();
  });
});

describe('a signed answer', () => {
  it('is valid for one request and one body', async () => {
    const nonce = newNonce();
    const header = await signAnswer(nonce, body, OLD);
    expect(await verifyAnswer(nonce, body, header, OLD)).toBe(true);
    expect(await verifyAnswer(newNonce(), body, header, OLD)).toBe(false);
    expect(await verifyAnswer(nonce, Uint8Array.of(1), header, OLD)).toBe(false);
    expect(await verifyAnswer(nonce, body, header, NEW)).toBe(false);
    expect(await verifyAnswer(nonce, body, '', OLD)).toBe(false);
  });
});

describe('the replay window', () => {
  let now = 1_800_000_000_000;
  const open = (capacity = 100) =>
    new ReplayWindow({ toleranceMs: 30_000, capacity, now: () => now });
  const fresh = () => ({ time: now, nonce: newNonce(), digest: '' });

  it('accepts a nonce once, even if its clock is ahead', () => {
    const window = open();
    const ahead = { ...fresh(), time: now + 30_000 };
    expect(window.refuse(ahead)).toBeUndefined();
    now += 59_000;
    expect(window.refuse(ahead)).toContain('sent before');
    now += 2_000;
    expect(window.refuse(ahead)).toContain('s ago');
  });

  it('refuses times too far in the past or future', () => {
    expect(open().refuse({ ...fresh(), time: now - 30_001 })).toContain('s ago');
    expect(open().refuse({ ...fresh(), time: now + 30_001 })).toContain('s ago');
  });

  it('has a limit, and forgets expired nonces', () => {
    const window = open(2);
    expect([fresh(), fresh()].map((signed) => window.refuse(signed))).toEqual([
      undefined,
      undefined,
    ]);
    expect(window.refuse(fresh())).toContain('more requests');
    now += 60_001;
    expect(window.refuse(fresh())).toBeUndefined();
  });
});
