import { median } from './statistics.ts';

/** Something whose speed is measured. */
export interface Subject {
  /** Milliseconds of each of `runs` runs, one after the other. */
  time(runs: number): Promise<readonly number[]>;
}

export interface Schedule {
  readonly rounds: number;
  /** Runs that count, per subject and round. */
  readonly runs: number;
  /** Runs per subject before the first round, so that every JIT has settled. */
  readonly warmUpRuns: number;
}

/**
 * Measures subjects in turn, round after round, so that a drift of the machine (clock, heat,
 * neighbours) hits all alike. Each turn opens with a run that does not count: it brings back the
 * caches that the others took. The order turns by one from round to round, so that nobody always
 * follows the same neighbour.
 *
 * Returns, per subject, the median in milliseconds of every round.
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

/** How many times as long `other` took as `own`, round by round. */
export function ratios(other: readonly number[], own: readonly number[]): readonly number[] {
  return other.map((ms, round) => ms / own[round]!);
}

/** How many milliseconds longer `other` took than `own`, round by round. */
export function differences(other: readonly number[], own: readonly number[]): readonly number[] {
  return other.map((ms, round) => ms - own[round]!);
}
