/**
 * Ensembles: the averaged answers of several packages, and the error for each number of models and crops.
 * @module
 */
import { availableParallelism } from 'node:os';
import { HebbError, type Label } from '@hebb/model';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Example } from '../dataset/dataset.ts';
import type { Answers } from './answers.ts';
import { CROPS, type Crops } from './crops.ts';
import { evaluatePackage } from './evaluate.ts';
import { type Metrics, measure } from './metrics.ts';

export interface MembersRequest {
  /** One package, or the members of an ensemble. */
  readonly packages: readonly PackageFolder[];
  readonly precision: Precision;
  /** Labels are indices of the first package's labels. */
  readonly examples: readonly Example[];
  readonly crops: readonly Crops[];
  /** Backend of float32. */
  readonly backend: RunnerBackend;
  readonly threads?: number;
  /** Called with the number of crops that all packages have answered. */
  readonly onProgress?: (crops: number) => void;
}

/** The answers of one package. */
export interface MemberAnswers {
  /** Classes in the order of the first package's labels. */
  readonly answers: Answers;
  /** Wall time on all cores, decoding included; see `imageClock`. */
  readonly secondsPerImage: number;
}

/** Number of crops that `evaluateMembers` computes. */
export const cropsOfMembers = ({
  packages,
  examples,
  crops,
}: Pick<MembersRequest, 'packages' | 'examples' | 'crops'>): number =>
  packages.length * examples.length * crops.reduce((sum, count) => sum + count, 0);

/**
 * Answers of every package with each number of crops, in the order of the packages; each pair is computed
 * once. Throws the errors of `labelOrder` before the first image, and those of `evaluatePackage`.
 * @example
 * const answers = await evaluateMembers({ packages, precision: 'f32', examples, crops: [1, 10], backend });
 * const mean = averageAnswers(answers.get(10)!.map((member) => member.answers));
 */
export async function evaluateMembers(
  request: MembersRequest,
): Promise<ReadonlyMap<Crops, readonly MemberAnswers[]>> {
  const { packages, crops, onProgress, threads = availableParallelism(), ...options } = request;
  const orders = packages.map((member) => labelOrder(packages[0]!, member));
  const measured = new Map(crops.map((count): [Crops, MemberAnswers[]] => [count, []]));
  let before = 0;
  for (const [index, member] of packages.entries()) {
    for (const count of crops) {
      const clock = imageClock(threads, () => performance.now());
      // Labels only pass through, so they stay indices of the first package's labels.
      const answers = await evaluatePackage({
        ...options,
        threads,
        package: member,
        crops: count,
        onProgress(done) {
          clock.tick(done);
          onProgress?.(before + done * count);
        },
      });
      before += options.examples.length * count;
      const inOrder = reordered(answers, orders[index]!);
      measured.get(count)!.push({ answers: inOrder, secondsPerImage: clock.secondsPerImage() });
    }
  }
  return measured;
}

/**
 * Times images from the moment on when every thread has answered once: threads and TensorFlow start before it. With
 * few images, less than a quarter of them after that moment, it times all of them with the start.
 * @param now milliseconds of a monotonic clock
 */
export function imageClock(threads: number, now: () => number) {
  const start = { done: 0, at: now() };
  let [from, last] = [start, start];
  let ticks = 0;
  return {
    /** `done` images have answers. */
    tick(done: number): void {
      last = { done, at: now() };
      if (++ticks === threads) from = last;
    },
    secondsPerImage(): number {
      const { done, at } = last.done - from.done < last.done / 4 ? start : from;
      return last.done > 0 ? (last.at - at) / 1000 / (last.done - done) : 0;
    },
  };
}

/** The first `models` packages on `crops` crops of each image: a row of the paper's Table 3. */
export interface TableRow {
  readonly precision: Precision;
  readonly models: number;
  readonly crops: Crops;
  /** Shares from 0 to 1. */
  readonly top1Error: number;
  readonly top5Error: number;
  /** 95 % confidence interval of `top1Error`. */
  readonly interval: readonly [low: number, high: number];
  /** Expected calibration error, and what a temperature makes of it. */
  readonly calibrationError: number;
  readonly withTemperature: Metrics['withTemperature'];
  /** Seconds of all its models and crops together; see `MemberAnswers`. */
  readonly secondsPerImage: number;
}

/** Rows by models, then crops. */
export function tableOf(
  measured: ReadonlyMap<Crops, readonly MemberAnswers[]>,
  precision: Precision,
): TableRow[] {
  const members = Math.max(...[...measured.values()].map(({ length }) => length));
  return Array.from({ length: members }, (_, i) => i + 1).flatMap((models) =>
    [...measured].map(([crops, all]): TableRow => {
      const used = all.slice(0, models);
      const answers = averageAnswers(used.map((member) => member.answers));
      const { top1, top5, interval, calibration, withTemperature } = measure(answers);
      return {
        precision,
        models,
        crops,
        top1Error: 1 - top1,
        top5Error: 1 - top5,
        interval: [1 - interval[1], 1 - interval[0]],
        calibrationError: calibration.error,
        withTemperature,
        secondsPerImage: used.reduce((sum, { secondsPerImage }) => sum + secondsPerImage, 0),
      };
    }),
  );
}

/** The numbers of crops up to `most`: the columns of the table. */
export const cropsUpTo = (most: Crops): Crops[] => CROPS.filter((crops) => crops <= most);

/**
 * For each label of the first package, its index in another package. Labels are matched by name, and by
 * name and id where a package has a name twice. Throws `labels_differ`, naming the packages and a label.
 */
export function labelOrder(first: PackageFolder, other: PackageFolder): number[] {
  const [expected, found] = [first.manifest.labels, other.manifest.labels];
  if (first.manifest.network.output !== other.manifest.network.output) {
    throw differ(
      `Of ${first.manifest.name} and ${other.manifest.name} one gives an image one label, the other several.`,
    );
  }
  if (JSON.stringify(expected) === JSON.stringify(found)) return [...expected.keys()];
  const [wanted, indices] = [keysOf(expected), new Map<string, number>()];
  for (const [index, key] of keysOf(found).entries()) indices.set(key, index);
  const lacking = (
    labels: readonly Label[],
    keys: readonly string[],
    has: (key: string) => boolean,
  ) => labels[keys.findIndex((key) => !has(key))];
  const missing = lacking(expected, wanted, (key) => indices.has(key));
  const known = new Set(wanted);
  const additional = lacking(found, keysOf(found), (key) => known.has(key));
  const [a, b] = [first.manifest.name, other.manifest.name];
  if (missing)
    throw differ(`${a} has the label ${JSON.stringify(missing.name)}, and ${b} has not.`);
  if (additional) {
    throw differ(`${b} has the label ${JSON.stringify(additional.name)}, and ${a} has not.`);
  }
  if (known.size < expected.length || indices.size < found.length) {
    throw differ(`Labels of ${a} or ${b} occur twice, so they cannot be matched.`);
  }
  return wanted.map((key) => indices.get(key)!);
}

const differ = (message: string) => new HebbError('labels_differ', message);

function keysOf(labels: readonly Label[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of labels) counts.set(name, (counts.get(name) ?? 0) + 1);
  return labels.map(({ name, id }) => (counts.get(name)! > 1 ? `${name}\n${id ?? ''}` : name));
}

/** The answers with the classes in another order: class c is `order[c]` of the given answers. */
export function reordered(answers: Answers, order: readonly number[]): Answers {
  const { classes } = answers;
  const probabilities = Float32Array.from(answers.probabilities, (_, i) => {
    const c = i % classes;
    return answers.probabilities[i - c + order[c]!]!;
  });
  return { ...answers, probabilities };
}

/** The mean of the members' probabilities, which have the same images and the same order of classes. */
export function averageAnswers(members: readonly Answers[]): Answers {
  const [first] = members;
  if (!first) throw new HebbError('invalid_argument', 'An ensemble needs at least one model.');
  if (members.length === 1) return first;
  const probabilities = Float32Array.from(first.probabilities, (_, i) => {
    let sum = 0;
    for (const { probabilities } of members) sum += probabilities[i]!;
    return sum / members.length;
  });
  return { ...first, probabilities };
}
