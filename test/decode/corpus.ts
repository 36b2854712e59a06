/**
 * A corpus of intact and damaged image files: every layout of every format, in every orientation, decoded at
 * 1/1, 1/2, 1/4 and 1/8.
 * @module
 */
import { type Layout, layouts } from './layouts.ts';
import { encoder, encoderWithAlpha, picture, random } from './pictures.ts';
import { fixChecksums } from './png-writer.ts';

export interface CorpusFile {
  /** E.g. `png: grey of 2 bits`. */
  readonly layout: string;
  /** 1 to 8, as in EXIF. */
  readonly orientation: number;
  /** `whole`, or the kind of damage. */
  readonly damage: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The network's resize: of pictures of SIZE, 256 decodes at 1/1, 128 at 1/2, 64 at 1/4, 32 at 1/8. */
  readonly side: number;
}

export const nameOf = ({ layout, orientation, damage, side }: CorpusFile): string =>
  `${layout}, orientation ${orientation}, ${damage}, for ${side} pixels`;

/** Slightly larger than a network of 32 pixels needs at 1/8; not a multiple of a block's size. */
const SIZE = { width: 269, height: 260 };
const TINY = { width: 7, height: 5 };
const SIDES = [256, 128, 64, 32];

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

type Damage = (file: Buffer, seed: number) => Buffer;

const cut =
  (share: number): Damage =>
  (file) =>
    file.subarray(0, Math.floor(file.length * share));

const DAMAGE: Readonly<Record<string, Damage>> = {
  'cut at 30 %': cut(0.3),
  'cut at 70 %': cut(0.7),
  'cut at 99 %': cut(0.99),
  'a flipped bit': (file, seed) => flipped(file, 1, random(seed)),
  'five flipped bits': (file, seed) => flipped(file, 5, random(seed)),
  'a flipped bit in the header': (file, seed) => flipped(file, 1, random(seed), 200),
  'a hole': (file, seed) => {
    const at = Math.floor(random(seed)() * file.length * 0.9);
    return Buffer.concat([file.subarray(0, at), file.subarray(at + 50)]);
  },
  'zeros in the middle': (file) => {
    const half = file.length >> 1;
    return Buffer.from(file).fill(0, half, half + 60);
  },
  'trailing bytes': (file) => Buffer.concat([file, Buffer.alloc(300, 7)]),
};

/** Repairs the checksums of PNG, so that the damage behind them is reached. */
function flipped(file: Buffer, bits: number, next: () => number, within = file.length): Buffer {
  const bad = Buffer.from(file);
  for (let i = 0; i < bits; i++) {
    bad[Math.floor(next() * Math.min(within, bad.length))]! ^= 1 << Math.floor(next() * 8);
  }
  return bad.toString('latin1', 1, 4) === 'PNG' ? Buffer.from(fixChecksums(bad)) : bad;
}

/**
 * The files, always in the same order.
 * @param thorough every damage in every orientation, instead of each once
 */
export async function* corpus(thorough: boolean): AsyncGenerator<CorpusFile> {
  let turn = 0;
  const sideInTurn = () => SIDES[turn++ % SIDES.length]!;
  for (const layout of await layouts(SIZE)) {
    const { name, file } = layout;
    const orientations = layout.turned ? ORIENTATIONS : [1];
    const upright = { layout: name, orientation: 1, damage: 'whole', bytes: plain(file) };
    for (const side of SIDES) yield { ...upright, side };
    for (const orientation of orientations) {
      const sides = thorough ? SIDES : [sideInTurn()];
      const bytes = plain(turnedTo(layout, orientation));
      for (const side of sides) yield { layout: name, orientation, damage: 'whole', bytes, side };
    }
    const damaged = Object.entries(DAMAGE);
    for (const [i, [damage, apply]] of damaged.entries()) {
      for (const orientation of thorough
        ? orientations
        : [orientations[i % orientations.length]!]) {
        const bytes = plain(apply(turnedTo(layout, orientation), turn));
        yield { layout: name, orientation, damage, bytes, side: sideInTurn() };
      }
    }
  }
  for (const layout of await layouts(TINY)) {
    const name = `${layout.name}, tiny`;
    const bytes = plain(turnedTo(layout, layout.turned ? 6 : 1));
    const orientation = layout.turned ? 6 : 1;
    yield { layout: name, orientation, damage: 'whole', bytes, side: 256 };
    const half = plain(cut(0.7)(Buffer.from(bytes), 0));
    yield { layout: name, orientation, damage: 'cut at 70 %', bytes: half, side: 32 };
  }
  yield* largeFiles(thorough);
}

/** Pictures for which the decoder reduces for the network's real size, and some that are too large for an isolate. */
async function* largeFiles(thorough: boolean): AsyncGenerator<CorpusFile> {
  const sizes = thorough ? [520, 1040, 2080] : [1040];
  for (const width of sizes) {
    const photo = picture(width, width);
    const files = {
      'jpeg: baseline': encoder(photo).jpeg(),
      'jpeg: progressive': encoder(photo).jpeg({ progressive: true }),
      'jpeg: CMYK progressive': encoder(photo).toColourspace('cmyk').jpeg({ progressive: true }),
      'png: RGB': encoder(photo).png({ compressionLevel: 1 }),
      'webp: lossy': encoder(photo).webp({ effort: 0 }),
      'webp: lossless with alpha': encoderWithAlpha(photo).webp({ lossless: true, effort: 0 }),
      'avif: 4:2:0': encoder(photo).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
      'gif: of sharp': encoder(photo).gif({ effort: 1 }),
    };
    for (const [name, image] of Object.entries(files)) {
      const file = await image.withMetadata({ orientation: 6 }).toBuffer();
      const about = { layout: `${name}, ${width} pixels`, orientation: 6, side: 256 };
      yield { ...about, damage: 'whole', bytes: plain(file) };
      yield { ...about, damage: 'cut at 99 %', bytes: plain(cut(0.99)(file, 0)) };
    }
  }
  yield* tooLarge();
}

async function* tooLarge(): AsyncGenerator<CorpusFile> {
  const flat = encoderOfFlat(4000, 4000);
  const files = {
    'webp: lossless, 16 megapixels': flat.clone().webp({ lossless: true, effort: 0 }),
    'jpeg: CMYK progressive, 16 megapixels': flat
      .clone()
      .toColourspace('cmyk')
      .jpeg({ progressive: true }),
  };
  for (const [layout, image] of Object.entries(files)) {
    const bytes = plain(await image.toBuffer());
    yield { layout, orientation: 1, damage: 'whole', bytes, side: 256 };
  }
}

const encoderOfFlat = (width: number, height: number) =>
  encoder({ width: 1, height: 1, data: Uint8Array.of(90, 120, 150) }).resize(width, height, {
    fit: 'fill',
  });

const turnedTo = ({ file, turned }: Layout, orientation: number): Buffer =>
  turned && orientation > 1 ? turned(orientation) : file;

/** A copy, which can be transferred to another thread. */
const plain = (file: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(file);
