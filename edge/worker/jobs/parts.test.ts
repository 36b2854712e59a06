import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { backOffSeconds } from './back-off.ts';
import { chunkCount, chunkIndices, chunkSizeFor, type Job } from './job.ts';
import { afterTime, isJobId, jobTime, newJobId } from './job-id.ts';
import { parseSecrets, signatureHeaders } from './webhook/sign.ts';
import { WebhookTargets } from './webhook/targets.ts';

describe('job ids', () => {
  const time = Date.UTC(2026, 4, 1, 12);

  it('contain their time, and sort newest first', () => {
    const ids = [0, 1, 1000, 86_400_000].map((ms) => newJobId(time + ms));
    expect(ids.every(isJobId)).toBe(true);
    expect(ids.map(jobTime)).toEqual([0, 1, 1000, 86_400_000].map((ms) => time + ms));
    expect(ids.toSorted()).toEqual(ids.toReversed());
    expect(newJobId(time)).not.toBe(newJobId(time));
  });

  it('are split by a time into older and newer ones', () => {
    const border = afterTime(time);
    expect(newJobId(time - 1) > border).toBe(true);
    expect(newJobId(time) > border).toBe(false);
  });

  it.each(['', '../../models', newJobId(time).slice(1), `${newJobId(time)}0`, 'I'.repeat(26)])(
    'are not %j',
    (text) => expect(isJobId(text)).toBe(false),
  );
});

describe('chunks', () => {
  it.each([1, 7, 8, 9, 40, 129, 500, 2000])('contain each of %i images once', (images) => {
    const job = { images, chunkSize: chunkSizeFor(images) } as Job;
    const all = Array.from({ length: chunkCount(job) }, (_, chunk) => chunkIndices(job, chunk));
    expect(all.flat()).toEqual(Array.from({ length: images }, (_, index) => index));
    expect(Math.max(...all.map((chunk) => chunk.length))).toBeLessThanOrEqual(64);
  });
});

describe('the delay between attempts', () => {
  const limits = { firstSeconds: 5, atMostSeconds: 60 };

  it('doubles up to a limit', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempts) => backOffSeconds(attempts, limits, 0.5));
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it('varies by half', () => {
    expect(backOffSeconds(2, limits, 0)).toBe(5);
    expect(backOffSeconds(2, limits, 1)).toBe(15);
  });
});

describe('the allow list of webhooks', () => {
  const targets = new WebhookTargets(
    'https://hooks.example.com, https://*.example.org:8443,http://localhost:9000,http://10.0.0.1',
  );

  it.each([
    'https://hooks.example.com/done?job=1',
    'https://a.example.org:8443/',
    'https://a.b.example.org:8443/',
    'http://localhost:9000/hook',
  ])('%s', (url) => expect(targets.check(url).href).toBe(url));

  it.each([
    ['nowhere', 'it is not a valid URL'],
    ['http://hooks.example.com/', 'does not start with https:'],
    ['http://10.0.0.1/', 'does not start with https:'],
    ['ftp://hooks.example.com/', 'does not start with https:'],
    ['https://hooks.example.com:444/', 'is not listed'],
    ['https://example.org:8443/', 'is not listed'],
    ['https://badexample.org:8443/', 'is not listed'],
    ['https://me:secret@hooks.example.com/', 'contains a user name'],
    ['http://localhost:9001/', 'is not listed'],
  ])('refuses %s: %s', (url, why) => expect(() => targets.check(url)).toThrow(why));

  it('is empty by default', () => {
    expect(() => new WebhookTargets().check('https://hooks.example.com/')).toThrow('not listed');
  });
});

describe('signatures of webhooks', () => {
  it('equal the example of the Standard Webhooks specification', async () => {
    const secrets = parseSecrets('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const body = '{"test": 2432232314}';
    const headers = await signatureHeaders(secrets, {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      seconds: 1614265330,
      body,
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('are made with both secrets during a rotation', async () => {
    const raw = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
    const text = raw.map((bytes) => `whsec_${bytes.toString('base64')}`).join(' ');
    const headers = await signatureHeaders(parseSecrets(text), { id: 'a', seconds: 1, body: 'b' });
    const signatures = raw.map(
      (key) => `v1,${createHmac('sha256', key).update('a.1.b').digest('base64')}`,
    );
    expect(headers['webhook-signature']).toBe(signatures.join(' '));
  });

  it.each(['secret', 'whsec_short', 'whsec_!!!', `${Buffer.alloc(32).toString('base64')}`])(
    'are not made with %j',
    (text) => expect(() => parseSecrets(text)).toThrow('not a valid secret'),
  );
});
