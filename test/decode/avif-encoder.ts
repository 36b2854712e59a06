/**
 * Encodes AVIF with libaom (npm: @jsquash/avif) where sharp's encoder lacks a feature: 4:2:2 chroma, and film
 * grain.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { RgbImage } from '@hebb/model';
import createEncoder from '@jsquash/avif/codec/enc/avif_enc.js';

export interface AvifOptions {
  readonly chroma?: '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4';
  /** Strength of the film grain: the encoder removes noise, the decoder adds grain. */
  readonly grain?: number;
  readonly alpha?: boolean;
}

const SUBSAMPLING = { '4:0:0': 0, '4:2:0': 1, '4:2:2': 2, '4:4:4': 3 } as const;

export async function encodeAvif(
  { width, height, data }: RgbImage,
  { chroma = '4:2:0', grain = 0, alpha = false }: AvifOptions,
): Promise<Buffer> {
  const file = createRequire(import.meta.url).resolve('@jsquash/avif/codec/enc/avif_enc.wasm');
  const module = await createEncoder({ noInitialRun: true, wasmBinary: await readFile(file) });
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
    rgba[i * 4 + 3] = alpha ? i % 251 : 255;
  }
  const encoded = module.encode(rgba, width, height, {
    quality: 80,
    qualityAlpha: -1,
    denoiseLevel: grain,
    tileColsLog2: 0,
    tileRowsLog2: 0,
    speed: 9,
    subsample: SUBSAMPLING[chroma],
    chromaDeltaQ: false,
    sharpness: 0,
    tune: 0,
    enableSharpYUV: false,
    bitDepth: 8,
  });
  if (!encoded) throw new Error('libaom cannot encode this');
  return Buffer.from(encoded);
}
