import sharp from 'sharp';
import { decodeFull } from '../../../gpu-tier/decode/file.ts';
import { CodecPool } from '../../../shared/decode/codec-pool.ts';
import { decodeImage } from '../../../shared/decode/decode.ts';
import type { Reduction } from '../../../shared/decode/reduce.ts';
import { type RgbImage, toInput } from '../../../shared/model/index.ts';
import { nodeCodecs } from '../../support/codecs.ts';
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

/** Room for everything: here memory is measured, not kept. */
const NO_BUDGET = Number.POSITIVE_INFINITY;

const SCHEDULE = { runs: 1, warmUpRuns: 2 };

/** A way from a file to the network's input. */
interface Way {
  readonly decoder: string;
  readonly reduction: Reduction;
  /** Its memory is as large as the largest image made it. */
  readonly pool?: CodecPool;
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
      ...(way.pool && { wasmBytes: way.pool.memoryBytes() }),
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
    const pool = new CodecPool(nodeCodecs, 1e9);
    const target = PREPROCESSING.resize;
    const decode = (bytes: Uint8Array) =>
      decodeImage(bytes, { codecs: pool, budgetBytes: NO_BUDGET, target, reduction });
    return { decoder: 'edge', reduction, pool, decode };
  });
  return [...edge, { decoder: 'sharp', reduction: 1, decode: decodeFull }];
}

/** Mean absolute difference in grey levels. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  const sum = a.reduce((total, value, i) => total + Math.abs(value - b[i]!), 0);
  return sum / a.length;
}
