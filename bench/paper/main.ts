/**
 * `npm run paper`: trains what the paper compares, measures naive modules, and writes docs/paper.md with its
 * pictures.
 * @module
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareModules, layerParameters, networkCost } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import { writeShapes } from '@hebb/train/dataset/shapes/write';
import { evaluationBackend } from '@hebb/train/evaluate/backend';
import { cacheFolder } from 'hebb/cache';
import { describeMachine } from '../machine.ts';
import { EXPERIMENTS, networkOf, type PaperSettings } from './experiments.ts';
import { measureNaive } from './naive.ts';
import { paperPage } from './page.ts';
import type { NetworkRow, PaperResult } from './results.ts';
import { readTrainings, runTrainings } from './trainings.ts';

const ROOT = join(import.meta.dirname, '../..');

const HELP = `npm run paper -- [options]

Trains the networks that the paper compares, measures the step of naive modules, and writes docs/paper.md, its
pictures, and bench/results/paper.json: 15 trainings with the defaults, an estimated half an hour on two quiet cores.
A stopped command resumes when it is given again; a training that has ended is not run again.

  --data DIR       images: class folders, or train/ and val/ (default: drawn shapes)
  --size PX        side of the images, 64 to 224 (default 64)
  --epochs N       default 5
  --batch-size N   default 32
  --rate R         learning rate (default 0.01)
  --seeds N        trainings of each network (default 3)
  --rounds N       rounds of the measurement of naive modules (default 9)
  --runs DIR       folder of the runs (default: runs/paper)
  --docs DIR       folder of the page (default: docs)
  --json FILE      the results (default: bench/results/paper.json)
  --note TEXT      printed with the figures, e.g. what else the machine was doing
  --so-far         train nothing more: use the trainings that have ended
  --report         measure nothing: only write the page again, from the results
`;

interface Options {
  readonly data?: string;
  readonly settings: PaperSettings;
  readonly rounds: number;
  readonly runs: string;
  readonly docs: string;
  readonly json: string;
  readonly note?: string;
  readonly soFar: boolean;
  readonly report: boolean;
}

/** Reads the command line. Returns undefined for `--help`. Throws `invalid_argument`. */
function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const number = (name: string, text: string | undefined, otherwise: number, range: Range) => {
    const value = text === undefined ? otherwise : Number(text);
    if (value >= range.least && value <= range.most && (!range.whole || Number.isInteger(value))) {
      return value;
    }
    throw usage(
      `--${name} must be ${range.whole ? 'a whole number ' : ''}from ${range.least} to ${range.most}.`,
    );
  };
  const whole = (least: number, most: number): Range => ({ least, most, whole: true });
  return {
    ...(values.data && { data: resolve(cwd, values.data) }),
    settings: {
      size: number('size', values.size, 64, whole(64, 224)),
      epochs: number('epochs', values.epochs, 5, whole(1, 1000)),
      batchSize: number('batch-size', values['batch-size'], 32, whole(1, 512)),
      rate: number('rate', values.rate, 0.01, { least: 0, most: 1, whole: false }),
      seeds: number('seeds', values.seeds, 3, whole(1, 20)),
    },
    rounds: number('rounds', values.rounds, 9, whole(1, 100)),
    runs: resolve(cwd, values.runs ?? join(ROOT, 'runs/paper')),
    docs: resolve(cwd, values.docs ?? join(ROOT, 'docs')),
    json: resolve(cwd, values.json ?? join(ROOT, 'bench/results/paper.json')),
    ...(values.note && { note: values.note }),
    soFar: values['so-far'] ?? false,
    report: values.report ?? false,
  };
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: text,
        size: text,
        epochs: text,
        'batch-size': text,
        rate: text,
        seeds: text,
        rounds: text,
        runs: text,
        docs: text,
        json: text,
        note: text,
        'so-far': { type: 'boolean' },
        report: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw usage((cause as Error).message, cause);
  }
}

const usage = (message: string, cause?: unknown) =>
  new HebbError('invalid_argument', message, { hint: 'Run `npm run paper -- --help`.', cause });

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Returns false when it was stopped before its end. */
async function main(args: readonly string[], shouldStop: () => boolean): Promise<boolean> {
  const options = parseOptions(args, process.cwd());
  if (!options) {
    process.stdout.write(HELP);
    return true;
  }
  if (!options.report) {
    const result = await measure(options, shouldStop);
    if (!result) return false;
    await write(options.json, `${JSON.stringify(result, short, 2)}\n`);
  }
  const results = await readFile(options.json, 'utf8').catch((cause: unknown) => {
    throw new HebbError('file_not_found', `There are no results in ${options.json}.`, {
      hint: 'Leave out --report to measure them.',
      cause,
    });
  });
  const { page, pictures } = paperPage(JSON.parse(results) as PaperResult);
  await write(join(options.docs, 'paper.md'), page);
  for (const [name, svg] of pictures) await write(join(options.docs, 'pictures', name), svg);
  return true;
}

async function measure(
  options: Options,
  shouldStop: () => boolean,
): Promise<PaperResult | undefined> {
  const { settings, runs, rounds, note, soFar } = options;
  const cache = cacheFolder({ env: process.env });
  const backend = await evaluationBackend('auto', { cache, env: process.env });
  if (backend.addon === undefined) {
    throw new HebbError(
      'native_unavailable',
      `Training needs native TensorFlow: ${backend.reason}`,
      {
        hint: 'Install it: npx hebb native install',
      },
    );
  }
  const data = options.data ?? (await drawnShapes(join(dirname(runs), 'paper-shapes')));
  const trainings = { data, runs, settings };
  const tools = { cache, env: process.env, now: () => performance.now(), log, shouldStop };
  if (!soFar && !(await runTrainings(trainings, tools))) return undefined;
  const { runs: results, data: images } = await readTrainings(trainings);
  if (!images) {
    throw new HebbError('file_not_found', `No training in ${runs} has ended.`, {
      hint: 'Leave out --so-far, and give the other options as before.',
    });
  }
  const classes = images.classes.length;
  log('the steps of naive modules …');
  const steps = await measureNaive(backend, settings, classes, rounds);
  return {
    bench: 'paper',
    machine: describeMachine(new Date()),
    ...(note !== undefined && { note }),
    data: { name: basename(data), classes, train: images.train, val: images.val },
    settings,
    runs: results,
    networks: networkRows(classes, settings.size),
    modules: compareModules(networkOf(EXPERIMENTS[0], classes, settings.size)),
    steps,
  };
}

/** The images of `hebb data shapes`, drawn once. */
async function drawnShapes(dir: string): Promise<string> {
  try {
    await writeShapes(dir, { images: 200, size: 128, seed: 1 });
  } catch (error) {
    // The folder is written whole or not at all: one that exists is from an earlier call.
    if (!(error instanceof HebbError) || error.code !== 'invalid_argument') throw error;
  }
  return dir;
}

function networkRows(classes: number, size: number): NetworkRow[] {
  const naive = {
    id: 'naive',
    title: 'LRN, one head, naive modules',
    config: { variant: 'naive', head: 'averagePool', auxiliary: false },
  } as const;
  // Auxiliary heads are not served.
  const served = EXPERIMENTS.filter(({ config }) => !config.auxiliary);
  return [...served, naive].map((experiment) => {
    const network = networkOf(experiment, classes, size);
    const numbers = network.layers
      .flatMap(layerParameters)
      .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
    const { id, title } = experiment;
    return { id, title, ...networkCost(network), bytes: 4 * numbers };
  });
}

/** Five significant digits. */
const short = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  log(`Wrote ${path}`);
}

let stop = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop = true;
    log('Stopping after this step. The same command resumes.');
  });
}
try {
  if (!(await main(process.argv.slice(2), () => stop))) process.exitCode = 130;
} catch (error) {
  if (!(error instanceof HebbError)) throw error;
  log(`error ${error.code}: ${error.message}\n  → ${error.hint}`);
  process.exitCode = error.code === 'invalid_argument' ? 2 : 1;
}
