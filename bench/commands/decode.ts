import type { DecodeArena } from '@hebb/decode/arena';
import { decodeImage } from '@hebb/decode/decode';
import type { Reduction } from '@hebb/decode/reduce';
import { type RgbImage, toInput } from '@hebb/model';
import { newArena } from '@hebb/test/support/codecs';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import sharp from 'sharp';
import type { BenchContext } from '../context.ts';
import { HEIGHT, photographs, WIDTH } from '../decode/photograph.ts';
import { describeMachine } from '../machine.ts';
import { timeEach } from '../measure/clock.ts';
import { interleave } from '../measure/interleave.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import type { DecodeResult } from '../results.ts';

/** The network's input, as most packages make it. */
const PREPROCESSING = { resize: { rule: 'warp', size: 256 }, crop: 224 } as const;

const REDUCTIONS: readonly Reduction[] = [8, 4, 2, 1];

const SCHEDULE = { runs: 1, warmUpRuns: 2 };

/** A way from a file to the network's input. */
interface Way {
  readonly decoder: string;
  readonly reduction: Reduction;
  /** Where it decodes. */
  readonly arena?: DecodeArena;
  decode(bytes: Uint8Array): Promise<RgbImage>;
}

/** Measures a 12-megapixel JPEG from file to input, scaled while it is decoded and in full. */
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

/** Ours at every reduction, then sharp's full decoding (native) as the bar. */
function ways(): Way[] {
  const edge = REDUCTIONS.map((reduction): Way => {
    const arena = newArena(1e9); // room for everything: here memory is measured
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
