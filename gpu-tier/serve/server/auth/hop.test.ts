/**
 * The signed hop at the real tier.
 */

import {
  newNonce,
  SIGNATURE_HEADER,
  sha256,
  signRequest,
  verifyAnswer,
} from '@hebb/protocol/hop/signature';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOpen, hopSecrets } from './secrets.ts';

const SECRET = 'the secret of this very test';

let model: TestPackage;
let tier: TestTier;
beforeAll(async () => {
  model = await testPackage({ inputSize: 64 });
  tier = await startTier({ models: [model.dir], secrets: ['the secret that comes next', SECRET] });
});
afterAll(async () => {
  await tier?.stop();
  await model?.remove();
});

async function send({ secret = SECRET, time = Date.now(), nonce = newNonce(), extra = 0 } = {}) {
  const { inputSize } = model.manifest.network;
  const request = pixelRequest(new Uint8Array(inputSize ** 2 * 3).fill(90), inputSize);
  const path = `/v2/models/${model.manifest.name}/infer`;
  const digest = await sha256(request.body);
  const header = await signRequest({ method: 'POST', path }, { time, nonce, digest }, secret);
  if (extra) request.body[request.body.length - 1]! ^= extra;
  const headers = { ...request.headers, [SIGNATURE_HEADER]: header };
  const response = await tier.fetch(path, { ...request, headers });
  const body = new Uint8Array(await response.arrayBuffer());
  const code = response.ok
    ? undefined
    : (JSON.parse(new TextDecoder().decode(body)) as { code: string }).code;
  return { status: response.status, code, body, headers: response.headers };
}

describe('a tier with a secret', () => {
  it('answers signed requests, and signs its answers', async () => {
    const nonce = newNonce();
    const { status, body, headers } = await send({ nonce });
    expect(status).toBe(200);
    const signature = headers.get(SIGNATURE_HEADER) ?? '';
    expect(await verifyAnswer(nonce, body, signature, SECRET)).toBe(true);
    expect(headers.get('X-Hebb-Queue-Depth')).toBe('0');
  });

  it('refuses another secret, an old time, a repetition, and a changed body', async () => {
    const nonce = newNonce();
    expect((await send({ nonce })).status).toBe(200);
    for (const request of [
      { nonce },
      { secret: 'not the secret of the test' },
      { time: Date.now() - 60_000 },
      { extra: 1 },
    ]) {
      expect(await send(request)).toMatchObject({ status: 401, code: 'hop_refused' });
    }
  });

  it('refuses unsigned requests, except for health and metadata', async () => {
    const infer = `/v2/models/${model.manifest.name}/infer`;
    for (const path of [infer, '/v2/repository/index', `/v2/repository/models/x/unload`]) {
      expect(await tier.json(path, { method: 'POST' })).toMatchObject({
        status: 401,
        body: { code: 'hop_refused' },
      });
    }
    for (const path of ['/v2', '/v2/health/ready', '/metrics']) {
      expect((await tier.fetch(path)).status).toBe(200);
    }
  });
});

describe('HEBB_HOP_SECRET', () => {
  it('has one or two secrets of sufficient length', () => {
    expect(hopSecrets(undefined)).toEqual([]);
    expect(hopSecrets('0123456789abcdef,fedcba9876543210')).toHaveLength(2);
    expect(() => hopSecrets('short')).toThrow('16 characters');
    expect(() => hopSecrets('0123456789abcdef,'.repeat(3))).toThrow('one or two');
  });

  it('may be missing only on loopback, or behind a proxy that authenticates', () => {
    const nothing = { closed: false, loopback: false, unsigned: false };
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) checkOpen(host, nothing);
    checkOpen('0.0.0.0', { ...nothing, closed: true });
    checkOpen('0.0.0.0', { ...nothing, unsigned: true });
    checkOpen('127.0.0.1', { ...nothing, loopback: true });
    expect(() => checkOpen('0.0.0.0', nothing)).toThrow('without HEBB_HOP_SECRET');
    expect(() => checkOpen('0.0.0.0', { ...nothing, closed: true, loopback: true })).toThrow(
      '--host 0.0.0.0 is not a loopback address',
    );
  });
});
