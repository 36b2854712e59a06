/**
 * A suspended model host: it neither ends nor answers.
 */

import { noise } from '@hebb/test/graph/compare';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENCE_MS } from './silence.ts';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';
const REQUEST = pixelRequest(noise(1, SIDE), SIDE);

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
});
afterAll(() => model?.remove());

// Ten seconds each until it is noticed, and as long as a model takes to be loaded again.
describe('a suspended host', { timeout: 180_000 }, () => {
  it('is replaced within the stated time: its batch gets 503, the next one an answer', async () => {
    const tier = await tierForTest({ models: [model.dir], maxBatchSize: 4 });
    const pid = tier.models.get('birds').replicas()[0]!.pid!;
    process.kill(pid, 'SIGSTOP');
    const began = performance.now();
    expect(await tier.json(INFER, REQUEST)).toMatchObject({
      status: 503,
      body: {
        code: 'host_restarted',
        error: "The model's process gave no sign of life for 10 s and was ended.",
      },
    });
    // Noticed within that time; the rest is for a machine that has other things to do.
    expect(performance.now() - began).toBeLessThan(1.5 * SILENCE_MS);
    expect((await tier.json(INFER, REQUEST)).status).toBe(200);
    expect(tier.models.get('birds').replicas()[0]!.pid).not.toBe(pid);
    expect(tier.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'host_restart', reason: 'hang' }),
    );
    const metrics = await (await tier.fetch('/metrics')).text();
    expect(metrics).toContain('hebb_host_restarts_total{model="birds",reason="hang"} 1');
  });

  it('is detected without requests, too', async () => {
    const tier = await tierForTest({ models: [model.dir], maxBatchSize: 4 });
    const pid = tier.models.get('birds').replicas()[0]!.pid!;
    process.kill(pid, 'SIGSTOP');
    while (!tier.logged.some(({ reason }) => reason === 'hang')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await tier.json(INFER, REQUEST)).status).toBe(200);
  });

  it('does not prevent shutdown', async () => {
    const tier = await tierForTest({ models: [model.dir], maxBatchSize: 4 });
    process.kill(tier.models.get('birds').replicas()[0]!.pid!, 'SIGSTOP');
    await tier.stop();
  });
});
