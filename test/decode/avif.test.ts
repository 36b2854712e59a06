import { describe, expect, it } from 'vitest';
import { CodecPool } from '../../shared/decode/codec-pool.ts';
import { nodeCodecs } from '../support/codecs.ts';
import { decodeFull } from '../support/sharp-decode.ts';
import { type Transform, withTransform } from './avif-transform.ts';
import { decode, refusal } from './edge.ts';
import { difference, encoder, encoderWithAlpha, picture } from './pictures.ts';

const photo = picture(90, 62);

describe('AVIF, against libvips', () => {
  // Without chroma subsampling both agree but for truncation; with it, libavif interpolates
  // chroma and libheif does not, which shows in so small a picture (0.3 in a photograph).
  const variants = {
    '4:4:4': [encoder(photo).avif({ effort: 0 }), 0.5],
    '4:2:0': [encoder(photo).avif({ effort: 0, chromaSubsampling: '4:2:0' }), 3],
    lossless: [encoder(photo).avif({ effort: 0, lossless: true }), 0.5],
    '10 bits': [encoder(photo).avif({ effort: 0, bitdepth: 10 }), 1],
    grey: [encoder(photo).greyscale().avif({ effort: 0 }), 1],
    'with alpha': [encoderWithAlpha(photo).avif({ effort: 0 }), 1],
  } as const;
  it.each(Object.entries(variants))('%s', async (_, [image, tolerance]) => {
    const bytes = await image.toBuffer();
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(edge).toMatchObject({ format: 'avif', sourceWidth: 90, sourceHeight: 62 });
    expect(difference(edge.data, full.data).mean).toBeLessThanOrEqual(tolerance);
  });
});

describe('AVIF is turned, then mirrored, as its properties say', () => {
  const turns = [0, 1, 2, 3];
  const transforms: Transform[] = turns.flatMap((n) => [
    { turns: n },
    { turns: n, mirror: 0 },
    { turns: n, mirror: 1 },
  ]);
  it.each(transforms)('%o', async (transform) => {
    const bytes = await encoder(photo).avif({ effort: 0 }).toBuffer();
    const turned = withTransform(bytes, transform);
    const [edge, full] = [await decode(turned), await decodeFull(turned)];
    expect({ width: edge.width, height: edge.height }).toEqual({
      width: full.width,
      height: full.height,
    });
    expect(difference(edge.data, full.data).mean).toBeLessThanOrEqual(0.5);
  });
});

describe('a broken AVIF', () => {
  it('is refused wherever it is cut', async () => {
    const bytes = await encoder(photo).avif({ effort: 0 }).toBuffer();
    for (const share of [0.05, 0.1, 0.3, 0.6, 0.95]) {
      expect(await refusal(bytes.subarray(0, bytes.length * share))).toMatch(/^broken_image/);
    }
  });

  it('cannot outgrow the memory that its header told', async () => {
    const bytes = await encoder(picture(1400, 1000)).avif({ effort: 0 }).toBuffer();
    const size = bytes.indexOf('ispe') + 8;
    bytes.writeUInt32BE(140, size);
    bytes.writeUInt32BE(100, size + 4);
    const codecs = new CodecPool(nodeCodecs);
    expect(await refusal(bytes, { codecs })).toMatch(
      /^image_too_large: Decoding this AVIF takes more memory than its header told \(17\.\d MB\)\.$/,
    );
    expect(codecs.memoryBytes()).toBeLessThan(18e6);
  });
});
