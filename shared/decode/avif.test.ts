import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeAvif } from '@hebb/test/decode/avif-encoder';
import { type Transform, withTransform } from '@hebb/test/decode/avif-transform';
import {
  type AvifFile,
  box,
  clap,
  grid,
  type Item,
  ispe,
  readItems,
  withoutProperty,
  withProperties,
  writeAvif,
} from '@hebb/test/decode/avif-writer';
import { decode, refusal } from '@hebb/test/decode/edge';
import { difference, encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { newArena } from '@hebb/test/support/codecs';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { BoxReducer, type Reduction } from './reduce.ts';
import { sniff } from './sniff.ts';

const photo = picture(90, 62);
const whole = (bytes: Uint8Array) => decode(bytes, { reduction: 1 });
const avif = (image: Sharp, options = {}): Promise<Buffer> =>
  image.avif({ effort: 0, ...options }).toBuffer();

describe('AVIF, against libvips', () => {
  // Without chroma subsampling both agree but for truncation; with it, libavif interpolates
  // chroma and libheif does not, which shows in so small a picture (0.3 in a photograph).
  const variants = {
    '4:4:4': [encoder(photo).avif({ effort: 0 }), 0.5],
    '4:2:0': [encoder(photo).avif({ effort: 0, chromaSubsampling: '4:2:0' }), 3],
    lossless: [encoder(photo).avif({ effort: 0, lossless: true }), 0.5],
    '10 bits': [encoder(photo).avif({ effort: 0, bitdepth: 10 }), 1],
    '12 bits': [encoder(photo).avif({ effort: 0, bitdepth: 12 }), 1],
    '12 bits, 4:2:0': [
      encoder(photo).avif({ effort: 0, bitdepth: 12, chromaSubsampling: '4:2:0' }),
      3,
    ],
    grey: [encoder(photo).greyscale().avif({ effort: 0 }), 1],
    'with alpha': [encoderWithAlpha(photo).avif({ effort: 0 }), 1],
    '10 bits with alpha': [encoderWithAlpha(photo).avif({ effort: 0, bitdepth: 10 }), 1],
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

describe('AVIF of libaom alone, against libvips', () => {
  it.each([
    ['4:0:0', 0.5],
    ['4:2:0', 3],
    ['4:2:2', 2],
    ['4:4:4', 0.5],
  ] as const)('%s', async (chroma, tolerance) => {
    const bytes = await encodeAvif(photo, { chroma });
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(difference(edge.data, full.data).mean).toBeLessThanOrEqual(tolerance);
  });

  it('film grain is applied', async () => {
    const noisy = picture(200, 150);
    const bytes = await encodeAvif(noisy, { chroma: '4:4:4', grain: 40 });
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(sniff(bytes)).toMatchObject({ coding: { frame: { filmGrain: true } } });
    expect(difference(edge.data, full.data).mean).toBeLessThanOrEqual(0.5);
  });
});

describe('strips and averages', () => {
  // 300 columns are converted about 290 rows at a time.
  const tall = picture(301, 707);
  const layouts = { '4:2:0': '4:2:0', '4:2:2': '4:2:2', '4:4:4': '4:4:4' } as const;

  it.each(Object.keys(layouts) as (keyof typeof layouts)[])(
    'of %s are those of the whole picture',
    async (chroma) => {
      for (const alpha of [false, true]) {
        const bytes = await encodeAvif(tall, { chroma, alpha });
        const { width, height, data } = await whole(bytes);
        for (const reduction of [2, 4, 8] as const satisfies readonly Reduction[]) {
          const reducer = new BoxReducer(width, height, reduction);
          for (let y = 0; y < height; y++) {
            reducer.add(data.subarray(y * width * 3, (y + 1) * width * 3), width, y);
          }
          const { data: averages } = reducer.finish();
          expect((await decode(bytes, { reduction })).data).toEqual(averages);
        }
      }
    },
  );

  it.each(['4:2:0', '4:2:2', '4:4:4'] as const)(
    'of %s are the same wherever a strip begins',
    async (chroma) => {
      const [item] = readItems(await encodeAvif(tall, { chroma }));
      const full = await whole(writeAvif({ items: [item!] }));
      for (const [left, top, width, height] of [
        [0, 0, 301, 3],
        [1, 1, 299, 600],
        [2, 101, 50, 606],
        [7, 36, 294, 671],
      ] as const) {
        const offset = [width + 2 * left - 301, height + 2 * top - 707] as const;
        const cropped = withProperties(item!, clap(width, height, offset));
        const part = await whole(writeAvif({ items: [cropped] }));
        expect(part).toMatchObject({ width, height, sourceWidth: width, sourceHeight: height });
        expect(part.data).toEqual(crop(full, left, top, width, height));
      }
    },
  );
});

function crop(
  image: { readonly width: number; readonly data: Uint8Array },
  left: number,
  top: number,
  width: number,
  height: number,
): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3;
    out.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return out;
}

describe('AVIF files as others write them', () => {
  const items = async (options = {}) => readItems(await avif(encoder(photo), options));
  const clear = async () => readItems(await avif(encoderWithAlpha(photo)));
  const asSharp = async (file: AvifFile, tolerance = 0.5) => {
    const bytes = writeAvif(file);
    const [edge, full] = [await whole(bytes), await decodeFull(bytes)];
    expect({ width: edge.width, height: edge.height }).toEqual({
      width: full.width,
      height: full.height,
    });
    expect(difference(edge.data, full.data).mean).toBeLessThanOrEqual(tolerance);
    return edge;
  };

  it('the picture’s data within ‘meta’, which reaches to the end of the file', async () => {
    await asSharp({ items: await items(), inIdat: true, openEnded: true });
    await asSharp({ items: await items(), openEnded: true });
  });

  it('cropped by ‘clap’, then turned', async () => {
    const [picture] = await items({ chromaSubsampling: '4:2:0' });
    const irot = Buffer.from([0, 0, 0, 9, ...Buffer.from('irot'), 1]);
    for (const odd of [clap(40, 30, [2, -4]), clap(41, 31, [-3, 5])]) {
      expect(await asSharp({ items: [withProperties(picture!, odd)] }, 3)).toMatchObject({
        width: odd[11]!,
        height: odd[19]!,
      });
    }
    const both = withProperties(picture!, clap(40, 30, [2, -4]), irot);
    expect(await asSharp({ items: [both] }, 3)).toMatchObject({ width: 30, height: 40 });
  });

  it('a crop that reaches outside, or splits pixels, is broken', async () => {
    const [picture] = await items();
    for (const wrong of [clap(40, 30, [100, 0]), clap(41, 30, [0, 0]), clap(0, 30, [0, 0])]) {
      const file = writeAvif({ items: [withProperties(picture!, wrong)] });
      expect(await refusal(file)).toMatch(/^broken_image: .*cropped/);
    }
  });

  it('a grid whose tiles come in any order', async () => {
    const tiles = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => {
        const tile = await avif(encoder(shaded(seed)));
        return readItems(tile)[0]!;
      }),
    );
    const files = [
      [2, 3, 4, 5],
      [5, 3, 4, 2],
    ].map((to) => ({
      items: [grid(2, 2, 250, 180), ...tiles],
      references: [{ type: 'dimg', from: 1, to }] as const,
    }));
    const [straight, shuffled] = [await asSharp(files[0]!), await asSharp(files[1]!)];
    expect(straight.data).not.toEqual(shuffled.data);
  });

  it('a grid with alpha', async () => {
    const clearTile = encoderWithAlpha(picture(128, 96));
    const [colour, alpha] = readItems(await avif(clearTile));
    const urn = alpha!.properties.find((property) => property.includes('auxC'))!;
    const tile = withoutProperty(alpha!, 'auxC');
    const file: AvifFile = {
      items: [
        grid(1, 2, 240, 96),
        ...[colour!, colour!],
        withProperties(grid(1, 2, 240, 96), urn),
        ...[tile, tile],
      ],
      references: [
        { type: 'dimg', from: 1, to: [2, 3] },
        { type: 'dimg', from: 4, to: [5, 6] },
        { type: 'auxl', from: 4, to: [1] },
      ],
    };
    const edge = await whole(writeAvif(file));
    const single = await whole(await avif(clearTile));
    expect(crop(edge, 0, 0, 128, 96)).toEqual(single.data);
    expect(crop(edge, 128, 0, 112, 96)).toEqual(crop(single, 0, 0, 112, 96));
  });

  it('alpha of another item is not the picture’s', async () => {
    const [colour, alpha] = await clear();
    const all = [colour!, alpha!, colour!];
    const opaque = { items: all, references: [{ type: 'auxl', from: 2, to: [3] }] } as const;
    const bytes = writeAvif(opaque);
    expect(sniff(bytes)).not.toHaveProperty('alpha');
    expect((await whole(bytes)).data).toEqual((await whole(writeAvif({ items: [colour!] }))).data);
    const owned = writeAvif({ ...opaque, references: [{ type: 'auxl', from: 2, to: [1] }] });
    expect(sniff(owned)).toHaveProperty('alpha');
    expect((await whole(owned)).data).not.toEqual((await whole(bytes)).data);
  });

  it('premultiplied alpha: what the colours lack of white is added', async () => {
    const [colour, alpha] = await clear();
    const file: AvifFile = {
      items: [colour!, alpha!],
      references: [
        { type: 'auxl', from: 2, to: [1] },
        { type: 'prem', from: 1, to: [2] },
      ],
    };
    const colours = (await whole(writeAvif({ items: [colour!] }))).data;
    const { data } = await whole(writeAvif(file));
    const levels = await whole(writeAvif({ items: [withoutProperty(alpha!, 'auxC')] }));
    const expected = colours.map((c, i) => Math.min(255, c + 255 - levels.data[i]!));
    expect(data).toEqual(expected);
  });

  it('without the properties that the standard asks for', async () => {
    const [colour, alpha] = await clear();
    const bare = (item: Item) => withoutProperty(withoutProperty(item, 'pixi'), 'colr');
    const file: AvifFile = {
      items: [bare(colour!), withoutProperty(bare(alpha!), 'ispe')],
      references: [{ type: 'auxl', from: 2, to: [1] }],
    };
    const edge = await whole(writeAvif(file));
    expect(edge.data).toEqual((await whole(await avif(encoderWithAlpha(photo)))).data);
  });

  it('whose ‘ispe’ is not the size of the AV1 frame: scaled to it', async () => {
    const [picture] = await items();
    const half = withProperties(withoutProperty(picture!, 'ispe'), ispe(45, 31));
    const edge = await whole(writeAvif({ items: [half] }));
    expect(edge).toMatchObject({ width: 45, height: 31 });
    const reduced = await decode(await avif(encoder(photo)), { reduction: 2 });
    expect(difference(edge.data, reduced.data).mean).toBeLessThanOrEqual(2);
  });

  it('a sequence that has a still as well', async () => {
    const brands = ['avis', 'avif', 'mif1'];
    const tkhd = Buffer.alloc(84); // TrackHeaderBox: the track's number, and its size, 16.16 bits
    tkhd.writeUInt32BE(1, 12);
    tkhd.writeUInt32BE(90 << 16, 76);
    tkhd.writeUInt32BE(62 << 16, 80);
    const moov = box('moov', box('trak', box('tkhd', tkhd)));
    const still = { items: await items() };
    const { data } = await whole(writeAvif({ ...still, brands, more: [moov] }));
    expect(data).toEqual((await whole(writeAvif(still))).data);
  });

  it('a sequence without a still is named', async () => {
    const file = Buffer.concat([
      writeAvif({ items: [], brands: ['avis', 'msf1'] }).subarray(0, 24),
      Buffer.from([0, 0, 0, 8, ...Buffer.from('moov')]),
    ]);
    expect(await refusal(file)).toMatch(/^unsupported_format: This AVIF is an image sequence/);
  });
});

/** A tile that no other one is taken for. */
function shaded(seed: number) {
  const tile = picture(128, 96);
  return { ...tile, data: tile.data.map((value) => Math.min(255, value / 2 + 30 * seed)) };
}

describe('the colour space of an AVIF', () => {
  it('are its profile, else its code points', async () => {
    const [plain] = readItems(await avif(encoder(photo)));
    const bare = withoutProperty(plain!, 'colr');
    const nclx = box('colr', Buffer.from('nclx\0\x0c\0\x0d\0\x06\x80', 'latin1'));
    const profile = box('colr', Buffer.from('prof\x01\x02\x03', 'latin1'));
    const colourOf = (item: Item) => sniff(writeAvif({ items: [item] }));
    expect(colourOf(withProperties(bare, nclx))).toMatchObject({
      colour: { kind: 'cicp', primaries: 12, transfer: 13 },
    });
    expect(colourOf(withProperties(bare, nclx, profile))).toMatchObject({
      colour: { kind: 'icc', profile: Buffer.from([1, 2, 3]), grey: false },
    });
    expect(colourOf(bare)).toMatchObject({ colour: { kind: 'cicp' } });
  });
});

/** Files of other programs; see README.txt there for what is right. */
const CASES = fileURLToPath(new URL('../../../shared/cases/images/', import.meta.url));
const hasCases = existsSync(CASES);
if (!hasCases) console.warn('SKIPPED for want of ../shared/cases: AVIF files of other programs');
describe.skipIf(!hasCases)('AVIF files of other programs', () => {
  it.each([
    // libheif shows grey of limited range as if it were of full range.
    ['fox.profile0.8bpc.yuv420.monochrome.avif', 1204, 800, 10],
    ['avif_fhd_420.avif', 1920, 1080, 0.5],
    ['draw_points_idat_metasize0.avif', 33, 11, 0.5],
    ['sofa_grid1x5_420_reversed_dimg_order.avif', 1024, 770, 0.5],
    ['avif_clap.avif', 200, 150, 0.5],
  ])('%s', async (name, width, height, tolerance) => {
    const bytes = readFileSync(`${CASES}${name}`);
    const image = await decode(bytes, { reduction: 1, arena: newArena(16e6) });
    expect(image).toMatchObject({ width, height });
    const full = await decodeFull(bytes);
    expect(difference(image.data, full.data).mean).toBeLessThanOrEqual(tolerance);
  });
});

describe('a broken AVIF', () => {
  it('is refused at every length', async () => {
    const bytes = await encoder(photo).avif({ effort: 0 }).toBuffer();
    for (const share of [0.05, 0.1, 0.3, 0.6, 0.95]) {
      expect(await refusal(bytes.subarray(0, bytes.length * share))).toMatch(/^broken_image/);
    }
  });

  it('with a frame larger than its size stays within the planned memory', async () => {
    const bytes = await encoder(picture(1400, 1000)).avif({ effort: 0 }).toBuffer();
    const size = bytes.indexOf('ispe') + 8;
    bytes.writeUInt32BE(140, size);
    bytes.writeUInt32BE(100, size + 4);
    const arena = newArena(4e6);
    expect(await refusal(bytes, { arena })).toMatch(
      /^image_too_large: Decoding this AVIF of 140×100 pixels takes \d\.\d MB, and 4\.0 MB may be used\.$/,
    );
    expect(arena.memoryBytes()).toBe(0);
  });

  it('with a later tile larger than the first one is not decoded', async () => {
    const [small] = readItems(await avif(encoder(photo)));
    const [large] = readItems(await avif(encoder(picture(1400, 1000))));
    const lying = withProperties(withoutProperty(large!, 'ispe'), ispe(90, 62));
    const references = [{ type: 'dimg', from: 1, to: [2, 3] }] as const;
    const arena = newArena();
    const file = writeAvif({ items: [grid(1, 2, 180, 62), small!, lying], references });
    expect(await refusal(file, { arena })).toMatch(/^broken_image/);
    expect(arena.memoryBytes()).toBeLessThan(3e6);
  });
});
