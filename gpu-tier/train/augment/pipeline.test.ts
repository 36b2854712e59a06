import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePhoto } from '@hebb/test/support/photos';
import { decodeFile, decodeFull } from '@hebb/test/support/sharp-decode';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { augmentImage } from './augment.ts';
import type { AugmentOptions, Batch, BatchRequest } from './batch.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';

const AUGMENT: AugmentOptions = {
  area: [0.2, 1],
  aspect: [3 / 4, 4 / 3],
  mirror: true,
  brightness: 0.3,
  contrast: 0.3,
  saturation: 0.3,
  hue: 10,
  trivialAugment: true,
  erasing: 0.25,
};
const MB = 2 ** 20;

function pipelineOf(options: Partial<PipelineOptions> = {}) {
  const pipeline = createPipeline({
    augment: AUGMENT,
    threads: 1,
    prefetch: 2,
    cacheBytes: MB,
    ...options,
  });
  onTestFinished(() => pipeline.close());
  return pipeline;
}

async function examplesIn(folder: string, count: number): Promise<Example[]> {
  const paths = Array.from({ length: count }, (_, i) =>
    writePhoto(join(folder, `${i}.jpg`), i, { width: 60 + i, height: 40 + 2 * i }),
  );
  return (await Promise.all(paths)).map((path, i) => ({ path, label: i % 3 }));
}

/** The examples in batches of `n`, with the seeds of an epoch. */
function inBatches(examples: readonly Example[], n: number, epoch = 0, size = 32): BatchRequest[] {
  return Array.from({ length: Math.ceil(examples.length / n) }, (_, b) => {
    const batch = examples.slice(b * n, b * n + n);
    return { examples: batch, seeds: batch.map((_, i) => 1000 * epoch + b * n + i), size };
  });
}

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const bytesOf = (batches: readonly Batch[]) => Buffer.concat(batches.map(({ pixels }) => pixels));

describe('the input pipeline', () => {
  it('gives the same as augmenting image by image', async () => {
    const examples = await examplesIn(await temporaryFolder(), 11);
    const batches = await collect(pipelineOf().batches(inBatches(examples, 4)));
    expect(batches.map(({ labels }) => [...labels])).toEqual([
      [0, 1, 2, 0],
      [1, 2, 0, 1],
      [2, 0, 1],
    ]);
    expect(batches.map(({ pixels }) => pixels.length)).toEqual(
      [4, 4, 3].map((n) => n * 32 * 32 * 3),
    );
    for (const [i, { path }] of examples.entries()) {
      const expected = augmentImage(await decodeFull(path), AUGMENT, i, 32);
      const { pixels } = batches[Math.floor(i / 4)]!;
      const at = (i % 4) * expected.length;
      expect(pixels.subarray(at, at + expected.length)).toEqual(expected);
    }
  });

  it('gives the same pixels for any number of threads, cache size and prefetch', async () => {
    const examples = await examplesIn(await temporaryFolder(), 20);
    const threeEpochs = async (options: Partial<PipelineOptions>) => {
      const pipeline = pipelineOf(options);
      const epochs: Buffer[] = [];
      for (const epoch of [0, 1, 2]) {
        epochs.push(bytesOf(await collect(pipeline.batches(inBatches(examples, 10, epoch)))));
      }
      return epochs;
    };
    const first = await threeEpochs({ threads: 1, cacheBytes: 0, prefetch: 1 });
    expect(first[0]).not.toEqual(first[1]);
    expect(await threeEpochs({ threads: 3, cacheBytes: MB, prefetch: 5 })).toEqual(first);
    // Space for about 5 of the 20 images.
    expect(await threeEpochs({ threads: 2, cacheBytes: 60_000, prefetch: 2 })).toEqual(first);
  });

  it('decodes every image once', async () => {
    const folder = await temporaryFolder();
    const examples = await examplesIn(folder, 6);
    const pipeline = pipelineOf({ threads: 2 });
    const before = await collect(pipeline.batches(inBatches(examples, 3)));
    await rm(folder, { recursive: true });
    const after = await collect(pipeline.batches(inBatches(examples, 3)));
    expect(bytesOf(after)).toEqual(bytesOf(before));
    // Other sizes use the same cached images.
    expect(await collect(pipeline.batches(inBatches(examples, 3, 0, 48)))).toHaveLength(2);
  });

  it('starts from reduced images, cached or not', async () => {
    const path = await writePhoto(join(await temporaryFolder(), 'large.jpg'), 1, {
      width: 900,
      height: 600,
    });
    const whole = { ...AUGMENT, area: [1, 1], aspect: [1.5, 1.5], mirror: false } as const;
    const request = [{ examples: [{ path, label: 0 }], seeds: [1], size: 32 }];
    const run = async (cacheBytes: number, storedSide: number) => {
      const pipeline = pipelineOf({ augment: whole, storedSide, cacheBytes });
      return bytesOf(await collect(pipeline.batches([...request, ...request])));
    };
    const room = 90 * 60 * 3 + 64;
    expect(await run(room, 60)).toEqual(await run(0, 60));
    const [reduced, full] = [await run(0, 60), await run(0, 600)];
    const difference = reduced.reduce((sum, v, i) => sum + Math.abs(v - full[i]!), 0);
    expect(difference / full.length).toBeGreaterThan(0);
    expect(difference / full.length).toBeLessThan(3);
  });

  it('without augmentation gives the centre crop of the edge', async () => {
    const examples = await examplesIn(await temporaryFolder(), 3);
    const pipeline = pipelineOf({ augment: undefined });
    for (const size of [28, 56, 28]) {
      const [batch] = await collect(pipeline.batches(inBatches(examples, 3, 0, size)));
      const resize = { rule: 'shorter-side', size: (size * 256) / 224 } as const;
      const crops = examples.map(({ path }) => decodeFile(path, { resize, crop: size }));
      expect(Buffer.from(batch!.pixels)).toEqual(Buffer.concat(await Promise.all(crops)));
    }
  });

  it('accepts one image twice in a batch', async () => {
    const [example] = await examplesIn(await temporaryFolder(), 1);
    const request = { examples: [example!, example!], seeds: [4, 4], size: 32 };
    const [{ pixels } = { pixels: new Uint8Array() }] = await collect(
      pipelineOf().batches([request]),
    );
    expect(pixels.subarray(0, 3072)).toEqual(pixels.subarray(3072));
  });

  it('names a broken file, after the batches before it', async () => {
    const folder = await temporaryFolder();
    const examples = await examplesIn(folder, 8);
    const broken = examples[5]!.path;
    await writeFile(broken, (await readFile(broken)).subarray(0, 400));
    const pipeline = pipelineOf({ threads: 2 });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { labels } of pipeline.batches(inBatches(examples, 2)))
        seen.push(labels[0]!);
    })();
    await expect(reading).rejects.toMatchObject({
      name: 'HebbError',
      code: 'broken_image',
      message: expect.stringContaining(broken),
    });
    expect(seen).toEqual([0, 2]);
    // The pipeline still works for other files.
    expect(await collect(pipeline.batches(inBatches(examples.slice(0, 4), 2)))).toHaveLength(2);
  });

  it('prepares `prefetch` batches ahead, and no more', async () => {
    const examples = await examplesIn(await temporaryFolder(), 2);
    let asked = 0;
    function* endless() {
      for (;;) {
        asked++;
        yield { examples, seeds: [1, 2], size: 32 };
      }
    }
    const batches = pipelineOf({ prefetch: 3 }).batches(endless());
    await batches.next();
    expect(asked).toBe(4);
    await batches.next();
    expect(asked).toBe(5);
    await batches.return(undefined);
    expect(asked).toBe(5);
  });

  it('stops working when the reader stops', async () => {
    const examples = await examplesIn(await temporaryFolder(), 4);
    let closed = false;
    function* endless() {
      try {
        for (;;) yield { examples, seeds: [1, 2, 3, 4], size: 64 };
      } finally {
        closed = true;
      }
    }
    const pipeline = pipelineOf({ threads: 1, prefetch: 50 });
    for await (const _ of pipeline.batches(endless())) break;
    expect(closed).toBe(true);
    // Queued jobs are dropped, and their images can be cached later.
    expect(await collect(pipeline.batches(inBatches(examples, 4)))).toHaveLength(1);
  });

  it('refuses work after it is closed', async () => {
    const examples = await examplesIn(await temporaryFolder(), 2);
    const pipeline = pipelineOf();
    await pipeline.close();
    await expect(collect(pipeline.batches(inBatches(examples, 2)))).rejects.toMatchObject({
      code: 'shutting_down',
    });
  });
});
