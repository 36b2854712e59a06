import { googlenet } from '@hebb/model';
import { randomWeights } from '@hebb/test/support/random-weights';
import { afterAll, expect, test } from 'vitest';
import { measure, openEngines } from './contest.ts';
import type { Bed, BenchEngine } from './engines/engine.ts';
import { hebbNode } from './engines/hebb.ts';
import { litertInt8 } from './engines/litert.ts';
import { tfjsWasm } from './engines/tfjs-wasm.ts';
import { benchInputs, type Input } from './network/inputs.ts';
import { benchNetworks } from './network/networks.ts';

// A small network keeps the real engines quick.
const network = googlenet({ variant: 'lrn', classes: 10, inputSize: 64 });
const preprocessing = {
  channelOrder: 'rgb',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 64, 1 / 64, 1 / 64],
  resize: { rule: 'warp', size: 64 },
  crop: 64,
} as const;
const weights = randomWeights(network, 1);
const images = await benchInputs(undefined, 8, preprocessing);
const networks = await benchNetworks({ network, weights, preprocessing, title: 'random' }, images);
const beds = networks.map(
  (network): Bed => ({ network, peerFiles: {}, peersInstalled: false, page: undefined }),
);

/** A fast engine with wrong answers. */
const impostor: BenchEngine = {
  info: { ...hebbNode.info, id: 'impostor', ours: false },
  missing: () => undefined,
  open: async () => ({
    classify: async () => Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    time: async (_input, runs) => new Array<number>(runs).fill(0.001),
    close: async () => {},
  }),
};

const engines = [hebbNode, tfjsWasm, litertInt8, impostor];
const { entries, skipped } = await openEngines(engines, beds, images, () => {});
afterAll(() => Promise.all(entries.map(({ open }) => open.close())));

const answersOf = (id: string) =>
  entries.filter(({ engine }) => engine.info.id === id).map(({ answers }) => answers);

test('a network with LRN is measured with and without it', () => {
  expect(networks.map(({ id }) => id)).toEqual(['plain', 'lrn']);
  const kinds = networks.map((of) => of.network.layers.some(({ kind }) => kind === 'lrn'));
  expect(kinds).toEqual([false, true]);
});

test('our engine and the reference give the same answers on both', () => {
  expect(answersOf('hebb-node').map(({ right }) => right)).toEqual([true, true]);
  expect(answersOf('tfjs-wasm').map(({ maxDifference }) => maxDifference)).toEqual([0, 0]);
});

test('an engine that runs another network is reported as wrong', () => {
  expect(answersOf('impostor').map(({ right }) => right)).toEqual([false, false]);
});

test('an engine that cannot run here is listed as skipped, with the reason', () => {
  expect(skipped).toEqual([
    { engine: 'litert-int8', network: 'plain', reason: expect.stringContaining('Chromium') },
    { engine: 'litert-int8', network: 'lrn', reason: 'XNNPACK has no LRN' },
  ]);
});

test('peers are compared with our engine on the same network', async () => {
  const millisecondsOf: Record<string, number> = { 'hebb-node': 2, 'tfjs-wasm': 9, impostor: 1 };
  const paced = entries.map((entry) => {
    const ms = millisecondsOf[entry.engine.info.id]!;
    const time = async (_input: Input, runs: number) => new Array<number>(runs).fill(ms);
    return { ...entry, open: { ...entry.open, time } };
  });
  const schedule = { rounds: 3, runs: 2, warmUpRuns: 1 };
  const results = await measure(paced, images[0]!, schedule, () => {});
  const ratio = { median: 4.5, p10: 4.5, p90: 4.5, ours: 'hebb-node' };
  const tfjs = results.filter(({ id }) => id === 'tfjs-wasm');
  expect(tfjs.map(({ network, timesOurs }) => [network, timesOurs])).toEqual([
    ['plain', ratio],
    ['lrn', ratio],
  ]);
  const ours = results.filter((result) => result.ours);
  expect(ours.map(({ timesOurs }) => timesOurs)).toEqual([undefined, undefined]);
  expect(ours.map(({ lrnMs }) => lrnMs?.median)).toEqual([undefined, 0]);
});

test('real engines report one time per run', async () => {
  for (const { engine, open } of entries) {
    if (engine === impostor) continue;
    const times = await open.time(images[0]!, 3);
    expect(times).toHaveLength(3);
    expect(Math.min(...times)).toBeGreaterThan(0);
  }
});
