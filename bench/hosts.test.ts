import { googlenet } from '@hebb/model';
import { randomWeights } from '@hebb/test/support/random-weights';
import { afterAll, expect, test } from 'vitest';
import type { Bed, BenchEngine } from './engines/engine.ts';
import { hebbNode, hebbPage, hebbWorkerd } from './engines/hebb.ts';
import { benchInputs } from './network/inputs.ts';
import { benchNetworks } from './network/networks.ts';
import { startPage } from './page/browser.ts';

const network = googlenet({ variant: 'bn5x5', classes: 10, inputSize: 64, folded: true });
const preprocessing = {
  channelOrder: 'bgr',
  mean: [123, 117, 104],
  scale: [1 / 64, 1 / 64, 1 / 64],
  resize: { rule: 'warp', size: 64 },
  crop: 64,
} as const;
const weights = randomWeights(network, 5);
const images = await benchInputs(undefined, 4, preprocessing);
const [plain] = await benchNetworks({ network, weights, preprocessing, title: 'random' }, images);

const page = await startPage();
if (!page) console.warn('SKIPPED, there is no Chromium (CHROMIUM_PATH): our engine on a page');
afterAll(() => page?.close());

const bed: Bed = { network: plain!, peerFiles: {}, peersInstalled: false, page };

async function answers(engine: BenchEngine) {
  const open = await engine.open(bed);
  const probabilities = [];
  for (const image of images) probabilities.push(Array.from(await open.classify(image)));
  const times = await open.time(images[0]!, 3);
  await open.close();
  return { probabilities, times };
}

const inNode = await answers(hebbNode);

test('our engine gives the same bits in workerd as in Node', async () => {
  const inWorkerd = await answers(hebbWorkerd);
  expect(inWorkerd.probabilities).toEqual(inNode.probabilities);
  expect(inWorkerd.times).toHaveLength(3);
});

test.skipIf(!page)('our engine gives the same bits in Chromium as in Node', async () => {
  const onPage = await answers(hebbPage);
  expect(onPage.probabilities).toEqual(inNode.probabilities);
  expect(onPage.times).toHaveLength(3);
});
