import type { DecodeArena } from '@hebb/decode/arena';
import { decodeImage } from '@hebb/decode/decode';
import type { Reduction } from '@hebb/decode/reduce';
import { imageFiles } from '@hebb/images/images';
import { type RgbImage, toInput } from '@hebb/model';
import { newArena } from '@hebb/test/support/codecs';
import { seededRandom } from '@hebb/test/support/random-weights';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import sharp from 'sharp';
import type { BenchContext } from '../context.ts';
import { describeMachine } from '../machine.ts';
import { timeEach } from '../measure/clock.ts';
import { interleave } from '../measure/interleave.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import type { DecodeResult } from '../results.ts';

/** The preprocessing of most packages. */
const PREPROCESSING = { resize: { rule: 'warp', size: 256 }, crop: 224 } as const;

const REDUCTIONS: readonly Reduction[] = [8, 4, 2, 1];

const SCHEDULE = { runs: 1, warmUpRuns: 2 };

/** A decoder at one reduction. */
interface Way {
  readonly decoder: string;
  readonly reduction: Reduction;
  /** Memory of the decoder, if it is ours. */
  readonly arena?: DecodeArena;
  decode(bytes: Uint8Array): Promise<RgbImage>;
}

/** Measures a 12-megapixel JPEG, from file to network input, decoded at full and at reduced size. */
export async function benchDecode(
  options: BenchOptions,
  { log }: BenchContext,
): Promise<DecodeResult> {
  sharp.concurrency(1);
  const files = Object.entries(await photographs(options.calibrate));
  const entries = files.flatMap(([coding, bytes]) => ways().map((way) => ({ coding, bytes, way })));
  const subjects = entries.map(({ bytes, way }) => ({
    time: (runs: number) =>
      timeEach(runs, async () => toInput(await way.decode(bytes), PREPROCESSING)),
  }));
  const rounds = await interleave(subjects, { ...SCHEDULE, rounds: options.rounds }, (done) =>
    log(`round ${done} of ${options.rounds}`),
  );
  const full = new Map<string, Uint8Array>();
  for (const [coding, bytes] of files) {
    full.set(coding, toInput(await decodeFull(bytes), PREPROCESSING));
  }
  const results = entries.map(async ({ coding, bytes, way }, i) => {
    const input = toInput(await way.decode(bytes), PREPROCESSING);
    return {
      coding,
      fileBytes: bytes.length,
      decoder: way.decoder,
      reduction: way.reduction,
      ms: spread(rounds[i]!),
      ...(way.arena && { wasmBytes: way.arena.usedBytes }),
      meanDifference: meanDifference(input, full.get(coding)!),
    };
  });
  return {
    bench: 'decode',
    machine: describeMachine(new Date()),
    picture: `${WIDTH}×${HEIGHT}, ${options.calibrate ? 'a photograph enlarged, with noise' : 'noise'}`,
    rounds: options.rounds,
    decodes: await Promise.all(results),
  };
}

/** Our decoder at every reduction, then sharp (native) at full size for comparison. */
function ways(): Way[] {
  const edge = REDUCTIONS.map((reduction): Way => {
    const arena = newArena(1e9); // no limit: the memory is measured here
    const target = PREPROCESSING.resize;
    const decode = (bytes: Uint8Array) => decodeImage(bytes, { arena, target, reduction });
    return { decoder: 'edge', reduction, arena, decode };
  });
  return [...edge, { decoder: 'sharp', reduction: 1, decode: decodeFull }];
}

/** Mean absolute difference in grey levels. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  const sum = a.reduce((total, value, i) => total + Math.abs(value - b[i]!), 0);
  return sum / a.length;
}

/** 12 megapixels, as phones take them. */
const WIDTH = 4032;
const HEIGHT = 3024;

/** Grey levels. An enlarged photograph lacks fine detail, so noise brings the file to a realistic size. */
const NOISE = 36;
const QUALITY = 94;

interface Photographs {
  readonly baseline: Uint8Array;
  readonly progressive: Uint8Array;
}

/**
 * A 12-megapixel JPEG (4:2:0), baseline and progressive: the folder's first photograph, enlarged and
 * with noise added; without a folder, only noise.
 */
async function photographs(folder: string | undefined): Promise<Photographs> {
  const pixels = folder ? await enlarged(folder) : new Uint8Array(WIDTH * HEIGHT * 3).fill(112);
  const random = seededRandom(3);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.max(0, Math.min(255, pixels[i]! + NOISE * (random() + random() - 1)));
  }
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  const encode = (progressive: boolean) =>
    sharp(pixels, { raw }).jpeg({ quality: QUALITY, progressive }).toBuffer();
  return { baseline: await encode(false), progressive: await encode(true) };
}

async function enlarged(folder: string): Promise<Uint8Array> {
  const [first] = await imageFiles(folder);
  if (!first) throw new Error(`There are no images in ${folder}.`);
  const image = sharp(first.path).resize(WIDTH, HEIGHT, { fit: 'cover' });
  return image.flatten().toColourspace('srgb').raw().toBuffer();
}
