/** The same decoders in real workerd: every pixel as in Node, every refusal too. */

import { sha256, toInput } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { phonePhoto } from '@hebb/test/decode/phone-photo';
import { encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { startDecoder } from '@hebb/test/decode/workerd';
import type { Miniflare } from 'miniflare';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sniff } from './sniff.ts';

describe('in workerd', () => {
  let miniflare: Miniflare;
  let url: URL;

  beforeAll(async () => {
    miniflare = await startDecoder();
    url = await miniflare.ready;
  });
  afterAll(() => miniflare.dispose());

  async function post(body: Uint8Array<ArrayBuffer>) {
    const response = await fetch(url, { method: 'POST', body });
    return { status: response.status, answer: await response.json() };
  }

  const photo = picture(420, 330);
  const images = {
    'JPEG baseline': encoder(photo).jpeg(),
    'JPEG progressive': encoder(photo).jpeg({ progressive: true }),
    'JPEG CMYK': encoder(photo).toColourspace('cmyk').jpeg(),
    PNG: encoderWithAlpha(photo).png(),
    'PNG interlaced, reduced': encoder(picture(1200, 600)).png({ progressive: true }),
    'WebP lossy': encoder(photo).webp(),
    'WebP lossless': encoderWithAlpha(photo).webp({ lossless: true }),
    AVIF: encoderWithAlpha(photo).avif({ effort: 0 }),
    GIF: encoder(photo).gif({ effort: 1 }),
  };

  async function sameAsInNode(bytes: Uint8Array<ArrayBuffer>) {
    const image = await decode(bytes);
    const { format, width, height } = sniff(bytes);
    const digest = await sha256(toInput(image, PREPROCESSING));
    const { status, answer } = await post(bytes);
    expect({ status, answer }).toEqual({ status: 200, answer: { format, width, height, digest } });
  }

  it.each(Object.entries(images))('%s gives the same bits as in Node', async (_, image) => {
    await sameAsInNode(new Uint8Array(await image.toBuffer()));
  });

  it("a phone's photo, baseline and progressive", async () => {
    const picture = await phonePhoto();
    for (const progressive of [false, true]) {
      const jpeg = encoder(picture).jpeg({ quality: 92, progressive });
      await sameAsInNode(new Uint8Array(await jpeg.toBuffer()));
    }
  });

  it.each(Object.entries(images))('%s cut off is a typed error', async (_, image) => {
    const bytes = new Uint8Array(await image.toBuffer());
    const { status, answer } = await post(bytes.subarray(0, bytes.length >> 1));
    expect({ status, answer }).toMatchObject({
      status: 422,
      answer: { error: { code: 'broken_image' } },
    });
  });

  it('what is too large is a typed error', async () => {
    const create = { width: 45_000, height: 500, channels: 3, background: '#789' } as const;
    const large = sharp({ create }).png(); // nothing of it can be reduced
    const bytes = new Uint8Array(await large.toBuffer());
    const { status, answer } = await post(bytes);
    expect({ status, answer }).toMatchObject({
      status: 413,
      answer: { error: { code: 'image_too_large' } },
    });
  });
});
