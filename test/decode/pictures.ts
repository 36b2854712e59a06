/**
 * Pictures for tests of the decoders, generated here and encoded by sharp (libvips).
 * @module
 */

import type { RgbImage } from '@hebb/model';
import sharp, { type Sharp } from 'sharp';

/** A seeded generator (mulberry32) of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Smooth colours, a hard edge, a disc and a little noise, without symmetry, which could hide a wrong rotation. */
export function picture(width: number, height: number, seed = 1): RgbImage {
  const noise = random(seed);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const u = x / width;
      const v = y / height;
      const disc = Math.hypot(u - 0.7, v - 0.3) < 0.2 ? 90 : 0;
      const edge = u + 2 * v > 1.6 ? -60 : 0;
      const grain = noise() * 8;
      data[at] = clamp(200 * u + disc + edge + grain);
      data[at + 1] = clamp(180 * v + edge + 30 * Math.sin(9 * u) + grain + 20);
      data[at + 2] = clamp(120 + 90 * Math.cos(5 * u + 7 * v) - disc + grain);
    }
  }
  return { width, height, data };
}

const clamp = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

export function encoder({ width, height, data }: RgbImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The same picture with an alpha channel that decreases from left to right. */
export function encoderWithAlpha({ width, height, data }: RgbImage): Sharp {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
    rgba[i * 4 + 3] = 255 - Math.floor((255 * (i % width)) / width);
  }
  return sharp(rgba, { raw: { width, height, channels: 4 } });
}

/** Mean and largest absolute difference of two pictures, grey levels. */
export function difference(a: Uint8Array, b: Uint8Array): { mean: number; max: number } {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} bytes`);
  let sum = 0;
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    sum += d;
    if (d > max) max = d;
  }
  return { mean: sum / a.length, max };
}
