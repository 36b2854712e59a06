import { median } from './statistics.ts';

export interface Subject {
  /** Runs `runs` times, one after the other. Returns the milliseconds of each run. */
  time(runs: number): Promise<readonly number[]>;
}

export interface Schedule {
  readonly rounds: number;
  /** Measured runs per subject and round. */
  readonly runs: number;
  /** Runs per subject before the first round, for JIT compilers to finish. */
  readonly warmUpRuns: number;
}

/**
 * Measures subjects in turn, round after round, so that drift of the machine (clock, heat, other
 * programs) affects all equally. The first run of each turn refills the caches and does not count. The
 * order rotates by one each round, so that a subject does not always follow the same one.
 *
 * Returns the median of every round in milliseconds, for each subject.
 */
export async function interleave(
  subjects: readonly Subject[],
  schedule: Schedule,
  onRound: (done: number) => void = () => {},
): Promise<readonly (readonly number[])[]> {
  for (const subject of subjects) await subject.time(schedule.warmUpRuns);
  const medians = subjects.map(() => [] as number[]);
  for (let round = 0; round < schedule.rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const index = (round + turn) % subjects.length;
      const [, ...counted] = await subjects[index]!.time(1 + schedule.runs);
      medians[index]!.push(median(counted));
    }
    onRound(round + 1);
  }
  return medians;
}

/** Times of `other` as multiples of `own`, round by round. */
export function ratios(other: readonly number[], own: readonly number[]): readonly number[] {
  return other.map((ms, round) => ms / own[round]!);
}

/** Milliseconds by which `other` is slower than `own`, round by round. */
export function differences(other: readonly number[], own: readonly number[]): readonly number[] {
  return other.map((ms, round) => ms - own[round]!);
}
