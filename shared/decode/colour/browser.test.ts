/** Code points, primaries and gammas against a browser's conversion: neither sharp nor Pillow has any. */

import { deflateSync } from 'node:zlib';
import { writeProfile } from '@hebb/test/decode/colour/icc-writer';
import { inflated } from '@hebb/test/decode/colour/inflated';
import { SPACES } from '@hebb/test/decode/colour/spaces';
import { difference, random } from '@hebb/test/decode/pictures';
import { type RawPng, writePng } from '@hebb/test/decode/png-writer';
import { startBrowser } from '@hebb/test/support/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bytes } from '../bytes.ts';
import { cicpTransform } from './cicp.ts';
import { pngColour } from './png.ts';
import { colourOf } from './tag.ts';
import { toSrgb } from './transform.ts';

const SIZE = 32;
const next = random(3);
const pixels = Uint8Array.from([
  ...Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3)),
  ...Array.from({ length: (SIZE * SIZE - 256) * 3 }, () => Math.floor(next() * 256)),
]);

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  page = await browser.newPage();
});
afterAll(() => browser.close());

type Chunks = NonNullable<RawPng['chunks']>;

/** The red of each pixel, as a grey picture shows it. */
const greyPixels = pixels.map((_, i) => pixels[i - (i % 3)]!);

const png = (chunks: Chunks, colourType: 0 | 2 = 2) => {
  const sample = (x: number, y: number, channel: number) => pixels[(y * SIZE + x) * 3 + channel]!;
  return writePng({ width: SIZE, height: SIZE, colourType, bitDepth: 8, sample, chunks });
};

/** The pixels of a canvas, which are sRGB, after the browser has drawn the file there. */
async function shown(chunks: Chunks, colourType?: 0 | 2): Promise<Uint8Array> {
  const url = `data:image/png;base64,${png(chunks, colourType).toString('base64')}`;
  const rgb = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3);
  }, url);
  return Uint8Array.from(rgb);
}

async function ours(chunks: Chunks, colourType?: 0 | 2): Promise<Uint8Array> {
  const rgb = colourType === 0 ? greyPixels.slice() : pixels.slice();
  const found = pngColour(new Bytes(png(chunks, colourType)));
  const tag = found?.kind === 'deflated-icc' ? await inflated(found) : found;
  const transform = tag && colourOf(tag);
  if (transform) toSrgb(rgb, transform);
  return rgb;
}

const cicp = (primaries: number, transfer: number) => ({ cICP: [primaries, transfer, 0, 1] });

const u32 = (...values: readonly number[]) =>
  values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

const P3_CHRM = u32(31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6000);
const SRGB_CHRM = u32(31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6000);
/** Equal-energy white, so that white adaptation counts. */
const WIDE_CHRM = u32(33_333, 33_333, 73_500, 26_500, 27_400, 71_700, 16_700, 900);

describe('as Chromium shows it', () => {
  const same: Record<string, Chunks> = {
    'Display P3': cicp(12, 13),
    'BT.601, 625 lines': cicp(5, 13),
    'BT.601, 525 lines': cicp(6, 13),
    'BT.470 M': cicp(4, 13),
    'BT.2020': cicp(9, 13),
    'DCI P3': cicp(11, 13),
    'EBU 3213': cicp(22, 13),
    'gamma 2.2': cicp(1, 4),
    'gamma 2.8': cicp(1, 5),
    'SMPTE 240M': cicp(1, 7),
    'linear light': cicp(1, 8),
    sRGB: cicp(1, 13),
    'unspecified code points': cicp(2, 2),
    'gAMA of 1': { gAMA: u32(100_000) },
    'gAMA of 1 / 1.8': { gAMA: u32(55_556) },
    'gAMA of 1 / 2.2': { gAMA: u32(45_455) },
    'gAMA and cHRM of P3': { gAMA: u32(45_455), cHRM: P3_CHRM },
    'gAMA and cHRM of another white': { gAMA: u32(45_455), cHRM: WIDE_CHRM },
    'gAMA of 1 and cHRM of sRGB': { gAMA: u32(100_000), cHRM: SRGB_CHRM },
  };

  it.each(Object.entries(same))('%s, within a level', async (_, chunks) => {
    const { max, mean } = difference(await ours(chunks), await shown(chunks));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.03);
  });
});

describe('profiles, as in Chromium,', () => {
  const iccp = (profile: Buffer) => ({
    iCCP: [...Buffer.from('name\0\0', 'latin1'), ...deflateSync(profile)],
  });
  const curves = [{ curv: [1.8] }];
  const rgb = iccp(writeProfile({ ...SPACES['Display P3'], curves }));
  const grey = iccp(writeProfile({ curves }));

  it('of RGB and of grey count in a grey picture', async () => {
    for (const chunks of [rgb, grey]) {
      const converted = await ours(chunks, 0);
      expect(difference(converted, await shown(chunks, 0)).max).toBeLessThanOrEqual(1);
      expect(difference(converted, greyPixels).max).toBeGreaterThan(10);
    }
  });

  it('of grey do not count in a picture of colours', async () => {
    expect(await ours(grey)).toEqual(pixels);
    expect(await shown(grey)).toEqual(pixels);
  });
});

describe('otherwise than in Chromium', () => {
  it('the curves of video count as that of sRGB', () => {
    for (const transfer of [1, 6, 14, 15]) {
      expect(cicpTransform(1, transfer)).toBeUndefined();
      expect(cicpTransform(12, transfer)).toEqual(cicpTransform(12, 13));
    }
  });

  it('PQ and HLG stay as they are', () => {
    expect(cicpTransform(9, 16)).toBeUndefined();
    expect(cicpTransform(9, 18)).toBeUndefined();
  });

  it("gAMA and cHRM that stand for sRGB's are sRGB's", async () => {
    const chunks = { gAMA: u32(45_455), cHRM: SRGB_CHRM };
    expect(await ours(chunks)).toEqual(pixels);
    // Chromium takes the exponent literally, which darkens shadows.
    expect(difference(await shown(chunks), pixels).max).toBeGreaterThan(4);
  });
});
