/**
 * The jobs of the pipeline's threads: a few images of a batch each.
 * @module
 */

import type { FileDecoder } from '@hebb/images/file';
import type { Preprocessing, RgbImage } from '@hebb/model/preprocess/preprocessing';
import { resizeTo } from '@hebb/model/preprocess/resize';
import { type ArenaBuffers, store } from './arena.ts';
import { augmentImage } from './augment.ts';
import type { AugmentOptions } from './batch.ts';

/** Settings of a thread. */
export interface WorkerSettings {
  /** Undefined: the centre crop, as on the edge. */
  readonly augment: AugmentOptions | undefined;
  /** The resize before the centre crop; undefined: 256 for a crop of 224, others in proportion. */
  readonly resize: Preprocessing['resize'] | undefined;
  /** Largest shorter side of cached images, pixels. */
  readonly storedSide: number;
  readonly arena: ArenaBuffers;
}

/** An image in the arena, RGB. */
export interface Stored {
  readonly offset: number;
  readonly width: number;
  readonly height: number;
}

export interface Sample {
  readonly path: string;
  readonly seed: number;
  /** The cached image, if there is one. */
  readonly stored?: Stored | undefined;
  /** Whether to put the image into the arena. */
  readonly keep: boolean;
}

export interface Job {
  readonly id: number;
  readonly samples: readonly Sample[];
  readonly size: number;
  /** uint8 [n, size, size, 3] of the whole batch. */
  readonly pixels: SharedArrayBuffer;
  /** Index of the first sample in the batch. */
  readonly first: number;
}

/** For each sample its image in the arena, if it was put there. */
export type JobResult = readonly (Stored | undefined)[];

/** Makes the samples of a job. */
export async function makeSamples(
  job: Job,
  settings: WorkerSettings,
  decoder: FileDecoder,
): Promise<JobResult> {
  const { samples, size, first } = job;
  const sampleBytes = size * size * 3;
  const results: (Stored | undefined)[] = [];
  for (const [i, sample] of samples.entries()) {
    const image = await prepare(sample, size, settings, decoder);
    results.push(sample.keep ? keepImage(settings.arena, image) : undefined);
    const pixels = settings.augment
      ? augmentImage(image, settings.augment, sample.seed, size)
      : image.data;
    new Uint8Array(job.pixels, (first + i) * sampleBytes, sampleBytes).set(pixels);
  }
  return results;
}

/** The source image of a sample: reduced for augmentation, else the centre crop itself. */
async function prepare(
  { path, stored }: Sample,
  size: number,
  { augment, resize = defaultResize(size), storedSide, arena }: WorkerSettings,
  decoder: FileDecoder,
): Promise<RgbImage> {
  if (stored) {
    const { offset, width, height } = stored;
    return { width, height, data: new Uint8Array(arena.bytes, offset, width * height * 3) };
  }
  if (augment) return await decodeStored(decoder, path, storedSide);
  return { width: size, height: size, data: await decoder.input(path, { resize, crop: size }) };
}

const defaultResize = (size: number): Preprocessing['resize'] => ({
  rule: 'shorter-side',
  size: Math.round((size * 256) / 224),
});

function keepImage(arena: ArenaBuffers, { width, height, data }: RgbImage): Stored | undefined {
  const offset = store(arena, data);
  return offset === undefined ? undefined : { offset, width, height };
}

/**
 * Decodes an image and reduces its shorter side to at most `side` pixels. A photograph of 12 megapixels
 * takes 36 MB; at a shorter side of 320 it takes 0.4 MB. The decoder does most of the reduction, by
 * powers of two.
 */
async function decodeStored(decoder: FileDecoder, path: string, side: number): Promise<RgbImage> {
  const image = await decoder.image(path, { rule: 'shorter-side', size: side });
  const { sourceWidth: width, sourceHeight: height } = image;
  const scale = side / Math.min(width, height);
  if (scale >= 1) return image;
  return resizeTo(image, Math.round(width * scale), Math.round(height * scale));
}
