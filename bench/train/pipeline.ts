/**
 * Measures how fast the input pipeline makes batches, without training.
 * @module
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFiles } from '@hebb/images/images';
import { writePhoto } from '@hebb/test/support/photos';
import type { AugmentOptions } from '@hebb/train/augment/batch';
import { createPipeline } from '@hebb/train/augment/pipeline';
import type { Example } from '@hebb/train/dataset/dataset';
import { derivedSeed } from '@hebb/train/random/random';

const COUNT = 512;

/** The folder's first 512 images; without a folder, drawn JPEG files of 340×256 pixels. */
export async function photographs(folder: string | undefined): Promise<readonly Example[]> {
  if (folder !== undefined) {
    const files = (await imageFiles(folder)).slice(0, COUNT);
    return files.map(({ path }) => ({ path, label: 0 }));
  }
  const dir = await mkdtemp(join(tmpdir(), 'hebb-bench-'));
  const paths: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const file = join(dir, `${i}.jpg`);
    paths.push(await writePhoto(file, i, { width: 340, height: 256 }));
  }
  return paths.map((path) => ({ path, label: 0 }));
}

export interface PipelineRate {
  /** Width and height of the network's input, pixels. */
  readonly size: number;
  readonly threads: number;
  /** Images per second in the first epoch, which decodes all images, and in later epochs, from the cache. */
  readonly decoding: number;
  readonly cached: number;
}

export interface PipelineBenchOptions {
  readonly examples: readonly Example[];
  readonly sizes: readonly number[];
  readonly threads: readonly number[];
  /** Number of epochs measured from the cache. */
  readonly epochs: number;
}

/** The augmentation of the built-in model's training, with every part enabled. */
const AUGMENT: AugmentOptions = {
  area: [0.25, 1],
  aspect: [3 / 4, 4 / 3],
  mirror: true,
  brightness: 0.3,
  contrast: 0.3,
  saturation: 0.3,
  hue: 5,
  trivialAugment: true,
  erasing: 0.25,
};

const BATCH = 32;

export async function measurePipeline(options: PipelineBenchOptions): Promise<PipelineRate[]> {
  const rates: PipelineRate[] = [];
  for (const threads of options.threads) {
    for (const size of options.sizes) {
      rates.push({ size, threads, ...(await measureOne(options, size, threads)) });
    }
  }
  return rates;
}

async function measureOne(
  { examples, epochs }: PipelineBenchOptions,
  size: number,
  threads: number,
): Promise<Pick<PipelineRate, 'decoding' | 'cached'>> {
  const pipeline = createPipeline({ augment: AUGMENT, threads, prefetch: 4, cacheBytes: 2 ** 31 });
  const epoch = async (number: number) => {
    let images = 0;
    const started = performance.now();
    for await (const batch of pipeline.batches(requests(examples, size, number))) {
      images += batch.labels.length;
    }
    return (1000 * images) / (performance.now() - started);
  };
  try {
    const decoding = await epoch(0);
    const rates: number[] = [];
    for (let number = 1; number <= epochs; number++) rates.push(await epoch(number));
    return { decoding, cached: rates.sort((a, b) => a - b)[rates.length >> 1]! };
  } finally {
    await pipeline.close();
  }
}

function* requests(examples: readonly Example[], size: number, epoch: number) {
  for (let first = 0; first < examples.length; first += BATCH) {
    const batch = examples.slice(first, first + BATCH);
    yield { examples: batch, seeds: batch.map((_, i) => derivedSeed(epoch, first + i)), size };
  }
}
