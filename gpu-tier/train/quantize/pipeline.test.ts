import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage } from '@hebb/packages/folder';
import { testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { loadKernels } from './kernels.ts';
import { quantizePackage } from './pipeline.ts';
import { quantizationReport } from './report.ts';

const samples = join(import.meta.dirname, '../../../test/samples');
const photos = readdirSync(samples)
  .filter((name) => name.endsWith('.jpg'))
  .map((name) => ({ path: join(samples, name) }));

/** Quantises a random network, calibrated on this number of images; a few photographs are repeated. */
async function quantized(dir: string, images: number) {
  const out = join(await temporaryFolder(), 'out');
  const files = Array.from({ length: images }, (_, i) => photos[i % photos.length]!);
  const options = {
    calibrate: files,
    evaluate: photos,
    calibrationImages: images,
    scales: { rule: 'percentile', percent: 99.99 },
    biasCorrection: 'auto',
    gate: { maxLoss: 100, minAgreement: 0 },
    out,
  } as const;
  const tools = { backend: {}, kernels: await loadKernels(), stage: () => () => {} };
  return { result: await quantizePackage(await readPackage(dir), options, tools), out };
}

describe('quantising a package', () => {
  it('takes only steps that bring the logits closer, and gives the same bytes again', async () => {
    const model = await testPackage({ variant: 'lrn', inputSize: 64 });
    const { result, out } = await quantized(model.dir, 10);
    const { steps, manifest } = result;
    expect(result.heldOut).toBe(3);
    expect(steps.map(({ step }) => step)).toEqual([
      'one scale per tensor',
      'a step per channel',
      'a step per channel before LRN',
      'scale search',
      'rounding by reconstruction',
      'bias correction',
    ]);
    let best = steps[0]!.decibels;
    for (const { step, taken, decibels } of steps.slice(1)) {
      if (step !== 'scale search') expect(taken, step).toBe(decibels > best);
      best = Math.max(best, decibels);
    }
    expect(best).toBeGreaterThan(steps[0]!.decibels);
    const written = await readPackage(out);
    expect(written.manifest.quantization?.steps).toEqual(steps);
    expect(quantizationReport(result)).toMatch(/\+ a step per channel +\d+\.\d %/);
    const again = await quantized(model.dir, 10);
    expect(again.result.manifest.version).toBe(manifest.version);
    await model.remove();
  });

  it('works with a single image and without LRN', async () => {
    const model = await testPackage({ variant: 'bn3x3', inputSize: 64 });
    const { result } = await quantized(model.dir, 1);
    expect(result.steps.map(({ step }) => step)).not.toContain('a step per channel before LRN');
    expect(result.comparison.images).toBe(photos.length);
    await model.remove();
  });
});
