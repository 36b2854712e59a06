import { testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterEach, describe, expect, it } from 'vitest';

let worker: TestWorker | undefined;
afterEach(() => worker?.close());

describe('/readyz', () => {
  it('answers 200 after classifying the warm-up image', async () => {
    const model = await testPackage({ inputSize: 64, float: false });
    worker = await startWorker({ model: model.dir });
    expect((await worker.account()).parts.int8).toBe(0);
    const response = await worker.fetch('/readyz');
    expect(response.status).toBe(200);
    const { name, version } = model.manifest;
    expect(await response.json()).toEqual({ status: 'ready', model: { name, version } });
    expect((await worker.account()).parts.int8).toBeGreaterThan(5e6);
    await model.remove();
  });

  it('answers 503 without a model, while /healthz answers 200', async () => {
    worker = await startWorker();
    const response = await worker.fetch('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'model_unavailable' } });
    expect((await worker.fetch('/healthz')).status).toBe(200);
    const classify = await worker.fetch('/v1/classify', { method: 'POST', body: 'x' });
    expect(classify.status).toBe(503);
  });
});

it('serves /debug/memory only with HEBB_DEBUG=1', async () => {
  worker = await startWorker({ vars: { HEBB_DEBUG: '' } });
  expect((await worker.fetch('/debug/memory')).status).toBe(404);
});
