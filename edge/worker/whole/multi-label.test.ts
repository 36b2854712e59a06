/**
 * A package whose network ends in sigmoid, on every way to an answer: the edge's engines, the real GPU tier,
 * batches and jobs.
 */
import { loadEngine } from '@hebb/engine';
import { PACKAGE_FILES } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import type { Classification } from '@hebb/protocol/api/classification';
import type { ModelList } from '@hebb/protocol/api/models';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { ended, jobWhen, ndjson, postJob, results } from '@hebb/test/jobs/client';
import { kernels } from '@hebb/test/support/kernels';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SECRET = 'the secret of these tests';

/** Always, never, and by default: from 0.5 on. */
const THRESHOLDS = [0, 1, undefined, undefined, 0, undefined];

let model: TestPackage;
let tier: TestTier;
let worker: TestWorker;
let image: Uint8Array<ArrayBuffer>;
let expected: Float32Array;

beforeAll(async () => {
  model = await testPackage({ classes: 6, inputSize: 64, thresholds: THRESHOLDS });
  tier = await startTier({ models: [model.dir], secrets: [SECRET] });
  const vars = { HEBB_GPU_URL: tier.url, HEBB_HOP_SECRET: SECRET };
  worker = await startWorker({ model: model.dir, vars });
  // Of 73×73 pixels nothing is reduced while decoding, and both tiers see the same.
  image = new Uint8Array(await encoder(picture(73, 73)).png().toBuffer());
  const { manifest, bytes } = await readPackage(model.dir);
  const engine = loadEngine(kernels.relaxed, manifest.network, await bytes('int8'));
  expected = engine.classify(await decodeFile(Buffer.from(image), manifest.preprocessing));
});
afterAll(async () => {
  await worker?.close();
  await tier?.stop();
  await model?.remove();
});

async function classify(query = ''): Promise<Classification> {
  const response = await worker.fetch(`/v1/classify${query}`, { method: 'POST', body: image });
  expect(response.status).toBe(200);
  return (await response.json()) as Classification;
}

/** The classes that an answer with these probabilities shows. */
const shownBy = (probabilities: readonly number[]) =>
  probabilities.flatMap((p, i) => (p >= (THRESHOLDS[i] ?? 0.5) ? [i] : []));

const indices = (predictions: Classification['predictions']) =>
  predictions.map(({ index }) => index);

describe('a multi-label model', () => {
  it('answers with the best classes, and with those that reach their threshold', async () => {
    const { predictions, labels } = await classify('?top=2');
    expect(predictions).toHaveLength(2);
    expect([...indices(labels!)].sort()).toEqual(shownBy([...expected]));
    expect(indices(labels!)).toContain(0); // whatever its score
    expect(indices(labels!)).not.toContain(1);
    const scores = labels!.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('gives each class a probability of its own, as the engine in Node', async () => {
    const { predictions } = await classify('?top=6');
    for (const { index, score } of predictions) expect(score).toBeCloseTo(expected[index]!, 5);
    const sum = predictions.reduce((all, { score }) => all + score, 0);
    expect(Math.abs(sum - 1)).toBeGreaterThan(0.01);
  });

  it.each(['?engine=tfjs&top=6', '?tier=gpu&top=6'])(
    'answers nearly the same in full precision: %s',
    async (query) => {
      const { predictions, labels, model: answering } = await classify(query);
      expect(answering.precision).toBe('float32');
      for (const { index, score } of predictions) {
        expect(Math.abs(score - expected[index]!)).toBeLessThan(0.1);
      }
      const byIndex = predictions.toSorted((a, b) => a.index - b.index);
      expect([...indices(labels!)].sort()).toEqual(shownBy(byIndex.map(({ score }) => score)));
    },
  );

  it('has labels in the lines of batches and jobs', async () => {
    const { labels } = await classify();
    const body = ndjson([{ image }]);
    const batch = await worker.fetch('/v1/batch', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect((JSON.parse(await batch.text()) as Classification).labels).toEqual(labels);
    const { status } = await postJob(worker.fetch, body);
    await jobWhen(worker.fetch, status.id, ended);
    const { lines } = await results(worker.fetch, status.id);
    expect(lines).toMatchObject([{ labels: labels!.map(({ index }) => ({ index })) }]);
  });

  it('is described as one', async () => {
    const { models } = (await (await worker.fetch('/v1/models')).json()) as ModelList;
    expect(models[0]).toMatchObject({ output: 'sigmoid', classes: 6 });
    const metadata = await tier.json('/v2/models/test');
    expect(metadata.body).toMatchObject({
      parameters: { output: 'sigmoid', thresholds: '[0,1,0.5,0.5,0,0.5]' },
    });
  });

  it('is a package of format 2', () => {
    expect(model.manifest.format).toBe('hebb-model/2');
    expect(Object.keys(model.manifest.files)).toContain(PACKAGE_FILES.int8);
  });
});
