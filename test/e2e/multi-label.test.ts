/**
 * Images that show several things, from a list to the edge: train, quantise, measure, serve.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Classification } from '@hebb/protocol/api/classification';
import { seededRandom } from '@hebb/train/random/random';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { testPackage } from '../support/package-folder.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startWorker } from '../support/worker.ts';

const MAIN = join(import.meta.dirname, '../../gpu-tier/cli/main.ts');
const COLOURS = { red: '#c83c32', green: '#3cb446', blue: '#3c50c8' } as const;
type Colour = keyof typeof COLOURS;
const NAMES = Object.keys(COLOURS) as Colour[];

/** A grey picture with a patch of each colour, in columns of its own. */
async function patches(colours: readonly Colour[], seed: number): Promise<Buffer<ArrayBuffer>> {
  const random = seededRandom(seed);
  const layers = colours.map((colour) => {
    const [width, height] = [20, 24 + Math.floor(12 * random())];
    return {
      input: { create: { width, height, channels: 3 as const, background: COLOURS[colour] } },
      left: 4 + 24 * NAMES.indexOf(colour),
      top: 6 + Math.floor(20 * random()),
    };
  });
  const grey = 120 + Math.floor(60 * random());
  const background = { r: grey, g: grey, b: grey };
  const image = sharp({ create: { width: 80, height: 72, channels: 3, background } });
  return Buffer.from(await image.composite(layers).png().toBuffer());
}

/** Writes `count` pictures for each set of colours, and their list. */
async function writePatches(dir: string, count: number): Promise<void> {
  const lines = ['path,labels,split'];
  await mkdir(dir, { recursive: true });
  for (let set = 0; set < 8; set++) {
    const colours = NAMES.filter((_, i) => (set >> i) % 2 === 1);
    for (let i = 0; i < count; i++) {
      const name = `${set}-${i}.png`;
      await writeFile(join(dir, name), await patches(colours, 100 * set + i));
      lines.push(`${name},${colours.join('|')},${i % 3 === 0 ? 'val' : 'train'}`);
    }
  }
  await writeFile(join(dir, 'labels.csv'), `${lines.join('\n')}\n`);
}

it('a list of images with several labels becomes a model at the edge that finds them', async () => {
  const cwd = await temporaryFolder();
  const hebb = (...args: string[]) =>
    promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 64 << 20 });
  await writePatches(join(cwd, 'patches'), 9);
  const trunk = await testPackage({ inputSize: 64 });
  const data = ['--data', 'patches/labels.csv'];
  const quantized = ['--max-loss', '100'];
  const { stdout, stderr } = await hebb(
    ...['train', ...data, '--multi-label', '--init', trunk.dir, '--head-only', ...quantized],
  ).finally(trunk.remove);
  expect(stdout).toContain('Wrote models/patches.');
  expect(stderr).toMatch(/images without a label: 1\n +9 of 72 images/);
  expect(stderr).toMatch(/mean average precision\nfloat32 +[\d.]+ %\nint8 +[\d.]+ %/);

  const model = join(cwd, 'models', 'patches');
  const manifest = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
  expect(manifest.format).toBe('hebb-model/2');
  expect(manifest.metrics.meanAveragePrecision.int8).toBeGreaterThan(90);
  for (const { threshold } of manifest.labels) {
    expect(threshold).toBeGreaterThan(0);
    expect(threshold).toBeLessThan(1);
  }
  const measured = await hebb('eval', 'models/patches', ...data, '--precision', 'int8', '--json');
  const { multiLabel } = JSON.parse(measured.stdout);
  expect(100 * multiLabel.int8.meanAveragePrecision).toBeCloseTo(
    manifest.metrics.meanAveragePrecision.int8,
  );
  expect(multiLabel.int8.classes).toHaveLength(3);

  const worker = await startWorker({ model });
  try {
    for (const colours of [['red', 'blue'], ['green'], []] as const) {
      const body = await patches(colours, 7777);
      const response = await worker.fetch('/v1/classify', { method: 'POST', body });
      const { labels } = (await response.json()) as Classification;
      expect(labels!.map(({ label }) => label).sort()).toEqual([...colours].sort());
    }
  } finally {
    await worker.close();
  }
}, 300_000);
