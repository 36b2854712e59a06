/**
 * One small file of every layout of the formats, for the corpus (corpus.ts), written by sharp if possible,
 * else by the writers in this folder.
 * @module
 */
import { deflateSync } from 'node:zlib';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { ARITHMETIC_PROGRESSIVE, ARITHMETIC_SEQUENTIAL } from './arithmetic.ts';
import { HALF_WIDTH, MONOCHROME, PREMULTIPLIED } from './avif-files.ts';
import { withTransform } from './avif-transform.ts';
import { writeProfile } from './colour/icc-writer.ts';
import { SPACES } from './colour/spaces.ts';
import { writeGif } from './gif-writer.ts';
import { type FlatJpeg, writeFlatJpeg } from './jpeg-writer.ts';
import { app1, exif, withAdobeTransform, withoutSegment, withSegments } from './metadata.ts';
import { encoder, encoderWithAlpha, picture } from './pictures.ts';
import { type CHANNELS, chunk, type RawPng, writePng } from './png-writer.ts';
import { animation, withExif } from './webp-writer.ts';

export interface Layout {
  /** E.g. `jpeg: progressive`. */
  readonly name: string;
  readonly file: Buffer<ArrayBuffer>;
  /** The file with an orientation, 1 to 8; absent if the format has none. */
  readonly turned?: (orientation: number) => Buffer<ArrayBuffer>;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Every layout, as a picture of that size. Arithmetic-coded JPEGs have a fixed size. */
export async function layouts(size: Size): Promise<Layout[]> {
  const all = await Promise.all([jpegs(size), pngs(size), webps(size), avifs(size), gifs(size)]);
  return all.flat();
}

type Files = Readonly<Record<string, Uint8Array | Sharp>>;

async function named(
  format: string,
  files: Files,
  turned?: (file: Buffer, orientation: number) => Buffer,
): Promise<Layout[]> {
  const done: Layout[] = [];
  for (const [layout, source] of Object.entries(files)) {
    const file = Buffer.from(source instanceof Uint8Array ? source : await source.toBuffer());
    const name = `${format}: ${layout}`;
    if (!turned) done.push({ name, file });
    else done.push({ name, file, turned: (o) => Buffer.from(turned(file, o)) });
  }
  return done;
}

async function jpegs({ width, height }: Size): Promise<Layout[]> {
  const photo = picture(width, height);
  const plain = () => encoder(photo);
  const cmyk = await plain().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
  const baseline = await plain().jpeg().toBuffer();
  const progressive = await plain().jpeg({ progressive: true }).toBuffer();
  const tables = baseline.indexOf(Buffer.from([0xff, 0xdb]));
  const files: Files = {
    baseline,
    progressive,
    '4:4:4': plain().jpeg({ chromaSubsampling: '4:4:4' }),
    'progressive, 4:4:4': plain().jpeg({ chromaSubsampling: '4:4:4', progressive: true }),
    'optimised with trellis': plain().jpeg({ mozjpeg: true }),
    grey: plain().toColourspace('b-w').jpeg(),
    'grey, progressive': plain().toColourspace('b-w').jpeg({ progressive: true }),
    'CMYK of Adobe': cmyk,
    'CMYK of Adobe, progressive': plain().toColourspace('cmyk').jpeg({ progressive: true }),
    'CMYK without Adobe’s marker': withoutSegment(cmyk, 0xee),
    YCCK: withAdobeTransform(cmyk, 2),
    RGB: withAdobeTransform(
      withoutSegment(await plain().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(), 0xe0),
      0,
    ),
    'no end marker': baseline.subarray(0, -2),
    'progressive, no end marker': progressive.subarray(0, -2),
    'padded between segments': Buffer.concat([
      ...[baseline.subarray(0, tables), Buffer.alloc(9), baseline.subarray(tables)],
    ]),
    'in Display P3': plain().withIccProfile('p3').jpeg(),
    'in Adobe RGB': withSegments(baseline, iccSegment('Adobe RGB')),
    ...flatJpegs({ width, height }),
  };
  const turned = (file: Buffer, orientation: number) => withSegments(file, app1(exif(orientation)));
  const own = await named('jpeg', files, turned);
  const arithmetic = {
    arithmetic: ARITHMETIC_SEQUENTIAL,
    'arithmetic, progressive': ARITHMETIC_PROGRESSIVE,
  };
  return [...own, ...(await named('jpeg', arithmetic, turned))];
}

/** Layouts that sharp does not write: other sampling, restart markers, scans of one component. */
function flatJpegs(size: Size): Files {
  const value = (phase: number) => (x: number, y: number) =>
    Math.round(128 + 100 * Math.sin(x / 7 + y / 5 + phase));
  const component = (horizontal: number, vertical: number, phase = 0) => ({
    horizontal,
    vertical,
    value: value(phase),
  });
  const chroma = [component(1, 1, 2), component(1, 1, 4)];
  const flat = (horizontal: number, vertical: number, more: Partial<FlatJpeg> = {}) =>
    writeFlatJpeg({ ...size, components: [component(horizontal, vertical), ...chroma], ...more });
  const progressive = { progressive: true, complete: true };
  return {
    '4:2:2': flat(2, 1),
    '4:4:0': flat(1, 2),
    '4:1:1': flat(4, 1),
    '4:2:2, progressive': flat(2, 1, { ...progressive, refinements: 1 }),
    '4:4:0, progressive': flat(1, 2, progressive),
    'restart markers': flat(2, 2, { restartInterval: 3 }),
    'restart markers, progressive': flat(2, 2, { restartInterval: 5, ...progressive }),
    'a scan for each component': flat(2, 2, { separate: true }),
    'a scan for each component, progressive': flat(2, 2, { separate: true, ...progressive }),
  };
}

async function pngs({ width, height }: Size): Promise<Layout[]> {
  const png = (
    colourType: RawPng['colourType'],
    bitDepth: RawPng['bitDepth'],
    more: Partial<RawPng> = {},
  ) => {
    const levels = 2 ** bitDepth;
    const sample = (x: number, y: number, channel: number) => {
      const wave = 0.5 + 0.5 * Math.sin((x / width) * (4 + channel) + (y / height) * 7 + channel);
      return Math.min(levels - 1, Math.floor(wave * levels));
    };
    const chunks = {
      ...(colourType === 3 && { PLTE: softPalette(levels) }), // before tRNS
      ...more.chunks,
    };
    const about = { width, height, colourType, bitDepth, sample, split: 20_000, level: 1 };
    return writePng({ ...about, ...more, chunks });
  };
  const files: Record<string, Uint8Array | Sharp> = {};
  for (const [type, depths] of Object.entries(DEPTHS)) {
    const colourType = Number(type) as keyof typeof CHANNELS;
    for (const bitDepth of depths) {
      const name = `${COLOURS[colourType]} of ${bitDepth} bits`;
      files[name] = png(colourType, bitDepth);
      files[`${name}, interlaced`] = png(colourType, bitDepth, { interlaced: true });
    }
  }
  const rgb = png(2, 8);
  const end = rgb.length - 12;
  const profile = writeProfile(SPACES['Adobe RGB']);
  const iccp = [...Buffer.from('a\0\0', 'latin1'), ...deflateSync(profile)];
  Object.assign(files, {
    'palette with alphas': png(3, 8, {
      chunks: { tRNS: Array.from({ length: 256 }, (_, i) => i) },
    }),
    'grey with a clear level': png(0, 8, { chunks: { tRNS: [0, 120] } }),
    'RGB with a clear colour': png(2, 8, { chunks: { tRNS: [0, 9, 0, 9, 0, 9] } }),
    'RGB of 16 bits with a clear colour': png(2, 16, { chunks: { tRNS: [1, 9, 0, 9, 0, 9] } }),
    'a photograph': encoder(picture(width, height)).png(),
    'a photograph with alpha': encoderWithAlpha(picture(width, height)).png(),
    'no IEND': rgb.subarray(0, end),
    'in Adobe RGB': png(2, 8, { chunks: { iCCP: iccp } }),
    'in Display P3': encoder(picture(width, height)).withIccProfile('p3').png(),
    'of gamma 1': png(2, 8, { chunks: { gAMA: [0, 1, 0x86, 0xa0] } }),
  } satisfies Files);
  const turned = (file: Buffer, orientation: number) => {
    const header = 33; // eXIf follows IHDR
    const block = chunk('eXIf', exif(orientation));
    return Buffer.concat([file.subarray(0, header), block, file.subarray(header)]);
  };
  const behind = (file: Buffer, orientation: number) =>
    Buffer.concat([file.subarray(0, end), chunk('eXIf', exif(orientation)), file.subarray(end)]);
  return [
    ...(await named('png', files, turned)),
    ...(await named('png', { 'EXIF behind the picture': rgb }, behind)),
  ];
}

/** A palette of this many RGB entries, with similar neighbours. */
const softPalette = (entries: number): number[] =>
  Array.from({ length: entries * 3 }, (_, i) =>
    Math.round(127 + 120 * Math.cos(((i / 3) * 4) / entries + (i % 3))),
  );

const COLOURS = { 0: 'grey', 2: 'RGB', 3: 'palette', 4: 'grey and alpha', 6: 'RGBA' } as const;

const DEPTHS = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
} as const satisfies Record<keyof typeof CHANNELS, readonly RawPng['bitDepth'][]>;

async function webps({ width, height }: Size): Promise<Layout[]> {
  const photo = picture(width, height);
  const inner = picture(Math.max(1, width >> 1), Math.max(1, height >> 1), 3);
  const still = (image: Sharp, lossless: boolean) => image.webp({ lossless, effort: 0 }).toBuffer();
  const canvas = { width: width + 2, height: height + 2, x: 2, y: 2 };
  const animated = (chunks: Buffer, frame = inner) =>
    animation(chunks.subarray(12), { ...canvas, frame });
  const pages = [photo, picture(width, height, 2)].map((one) => encoder(one).png().toBuffer());
  const files: Files = {
    lossy: await still(encoder(photo), false),
    lossless: await still(encoder(photo), true),
    'near lossless': encoder(photo).webp({ nearLossless: true, effort: 0 }),
    'lossy with alpha': await still(encoderWithAlpha(photo), false),
    'lossless with alpha': await still(encoderWithAlpha(photo), true),
    'in Display P3': encoder(photo).withIccProfile('p3').webp({ effort: 0 }),
    animated: sharp(await Promise.all(pages), { join: { animated: true } }).webp({ effort: 0 }),
    'animated, a lossy frame inside': animated(await still(encoder(inner), false)),
    'animated, a lossless frame inside': animated(await still(encoder(inner), true)),
  };
  return named('webp', files, (file, orientation) => withExif(file, exif(orientation)));
}

/** AVIF's rotation and mirror for each orientation of EXIF. */
const TRANSFORMS = [
  {},
  { mirror: 1 },
  { turns: 2 },
  { mirror: 0 },
  { turns: 1, mirror: 0 },
  { turns: 3 },
  { turns: 3, mirror: 0 },
  { turns: 1 },
] as const;

async function avifs({ width, height }: Size): Promise<Layout[]> {
  const photo = picture(width, height);
  const plain = () => encoder(photo);
  const files: Files = {
    '4:2:0': plain().avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    '4:4:4': plain().avif({ effort: 0 }),
    lossless: plain().avif({ effort: 0, lossless: true }),
    '10 bits': plain().avif({ effort: 0, bitdepth: 10 }),
    '10 bits, 4:2:0': plain().avif({ effort: 0, bitdepth: 10, chromaSubsampling: '4:2:0' }),
    '12 bits': plain().avif({ effort: 0, bitdepth: 12 }),
    'grey, coded in colour': plain().greyscale().avif({ effort: 0 }),
    alpha: encoderWithAlpha(photo).avif({ effort: 0 }),
    'alpha, 4:2:0': encoderWithAlpha(photo).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    'alpha, 10 bits': encoderWithAlpha(photo).avif({ effort: 0, bitdepth: 10 }),
    'in Display P3': plain().withIccProfile('p3').avif({ effort: 0 }),
  };
  const own = await named('avif', files, (file, orientation) =>
    withTransform(file, TRANSFORMS[orientation - 1]!),
  );
  const others = {
    'grey alone': Buffer.from(MONOCHROME, 'base64'),
    '4:2:2': Buffer.from(HALF_WIDTH, 'base64'),
    premultiplied: Buffer.from(PREMULTIPLIED, 'base64'),
  };
  return [...own, ...(await named('avif', others))];
}

async function gifs({ width, height }: Size): Promise<Layout[]> {
  const palette = softPalette(256);
  const index = (x: number, y: number) => Math.round(127 + 120 * Math.sin(x / 40 + y / 25));
  const whole = { x: 0, y: 0, width, height };
  const inside = {
    x: width >> 2,
    y: height >> 2,
    width: width >> 1 || 1,
    height: height >> 1 || 1,
  };
  const gif = { width, height, frame: whole, palette, index };
  const image = writeGif(gif);
  const frame = image.indexOf(0x2c, 13 + 768);
  const files: Files = {
    plain: image,
    interlaced: writeGif({ ...gif, interlaced: true }),
    'clear in places': writeGif({ ...gif, transparent: 9 }),
    'a palette of the frame’s own': writeGif({ ...gif, local: true }),
    'a frame inside the screen': writeGif({ ...gif, frame: inside }),
    'a frame inside the screen, interlaced, clear': writeGif({
      ...gif,
      frame: inside,
      interlaced: true,
      transparent: 9,
    }),
    'a zero between blocks': Buffer.concat([
      ...[image.subarray(0, frame), Buffer.alloc(1), image.subarray(frame)],
    ]),
    'of sharp': encoder(picture(width, height)).gif({ effort: 1 }),
    'of sharp, animated': sharp(
      await Promise.all(
        [1, 2].map((seed) =>
          encoder(picture(width, height, seed))
            .png()
            .toBuffer(),
        ),
      ),
      { join: { animated: true } },
    ).gif({ effort: 1 }),
  };
  return named('gif', files);
}

function iccSegment(space: keyof typeof SPACES): Buffer {
  const profile = writeProfile(SPACES[space]);
  const body = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]);
  const head = Buffer.from([0xff, 0xe2, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
