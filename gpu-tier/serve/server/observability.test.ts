import { noise } from '@hebb/test/graph/compare';
import { metric } from '@hebb/test/support/metrics';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { LONG_MS } from '@hebb/test/support/patient-limits';
import { type LogLine, startTier, type TestTier, tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseTraceparent } from '../observability/trace-context.ts';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let model: TestPackage;
let tier: TestTier;

beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
  tier = await startTier({ models: [model.dir] });
});
afterAll(async () => {
  await tier?.stop();
  await model?.remove();
});

describe('/metrics', () => {
  it('counts requests by outcome, images against batches, and their times', async () => {
    const tier = await tierForTest({ models: [model.dir] }); // a tier of its own, so that no other requests are counted
    const three = pixelRequest(noise(3, SIDE), SIDE);
    for (let i = 0; i < 2; i++) expect((await tier.fetch(INFER, three)).status).toBe(200);
    await tier.fetch(INFER, { method: 'POST', body: 'no request' });
    const response = await tier.fetch('/metrics');
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=/);
    const text = await response.text();
    expect(text).toContain('hebb_requests_total{model="birds",outcome="ok"} 2');
    expect(text).toContain('hebb_requests_total{model="birds",outcome="invalid_argument"} 1');
    expect(metric(text, 'hebb_inference_count_total')).toBe(6);
    expect(metric(text, 'hebb_execution_count_total')).toBe(2);
    expect(metric(text, 'hebb_request_seconds_count')).toBe(3);
    for (const name of ['hebb_queue_seconds', 'hebb_compute_seconds', 'hebb_batch_size']) {
      expect(metric(text, `${name}_count`)).toBe(2);
    }
    expect(text).toContain('hebb_batch_size_bucket{le="2",model="birds"} 0');
    expect(text).toContain('hebb_batch_size_bucket{le="4",model="birds"} 2');
    expect(metric(text, 'hebb_compute_seconds_sum')).toBeGreaterThan(0);
    expect(metric(text, 'hebb_queue_depth')).toBe(0);
    expect(metric(text, 'hebb_host_memory_bytes')).toBeGreaterThan(10e6);
  });
});

describe('the log', () => {
  /** The line of that request; it is written when the answer has gone out. */
  const logged = (id: string): Promise<LogLine> =>
    vi.waitUntil(() => tier.logged.find(({ requestId }) => requestId === id), { timeout: LONG_MS });

  it('has a line per request with id, trace, model and times', async () => {
    const request = pixelRequest(noise(2, SIDE), SIDE);
    Object.assign(request.headers, { 'X-Request-Id': 'from-the-edge-1', traceparent: TRACE });
    const response = await tier.fetch(INFER, request);
    expect(response.headers.get('X-Request-Id')).toBe('from-the-edge-1');
    expect(response.headers.get('Server-Timing')).toMatch(/^queue;dur=[\d.]+, compute;dur=[\d.]+$/);
    await response.arrayBuffer();
    expect(await logged('from-the-edge-1')).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'info',
      event: 'request',
      requestId: 'from-the-edge-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentId: '00f067aa0ba902b7',
      sampled: true,
      method: 'POST',
      path: INFER,
      status: 200,
      model: 'birds',
      images: 2,
      outcome: 'ok',
      queueMs: expect.any(Number),
      computeMs: expect.any(Number),
    });
  });

  it('has a new id for a request without one, and the error’s code', async () => {
    const response = await tier.fetch(INFER, { method: 'POST', body: '{}' });
    const requestId = response.headers.get('X-Request-Id');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    await response.arrayBuffer();
    const line = { status: 400, outcome: 'invalid_argument' };
    expect(await logged(requestId!)).toMatchObject(line);
  });

  it('omits successful health checks', async () => {
    const tier = await tierForTest({ models: [model.dir] });
    const paths = ['/v2/health/live', '/v2/health/ready', '/metrics'];
    for (const path of paths) await (await tier.fetch(path)).text();
    await tier.stop(); // everything is written then
    expect(tier.logged.filter(({ event }) => event === 'request')).toEqual([]);
  });
});

describe('traceparent', () => {
  it.each([
    [TRACE, { sampled: true }],
    [TRACE.replace(/01$/, '00'), { sampled: false }],
    [`cc${TRACE.slice(2)}-what-a-later-version-adds`, { parentId: '00f067aa0ba902b7' }],
  ])('reads %s', (header, context) => {
    expect(parseTraceparent(header)).toMatchObject(context);
  });

  it.each([
    undefined,
    '',
    TRACE.toUpperCase(),
    `ff${TRACE.slice(2)}`,
    `${TRACE}-more`,
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4bf92f35-00f067aa0ba902b7-01',
  ])('ignores %s', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});
