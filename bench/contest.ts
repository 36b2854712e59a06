/**
 * Measures engines: opens them, checks their answers, times them in turn.
 * @module
 */

import { createReference } from '@hebb/model/reference/reference';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { type Answers, checkAnswers } from './answers.ts';
import type { Bed, BenchEngine, Host, OpenEngine } from './engines/engine.ts';
import { differences, interleave, ratios, type Schedule } from './measure/interleave.ts';
import { spread } from './measure/statistics.ts';
import type { Input } from './network/inputs.ts';
import type { EngineResult, Skipped } from './results.ts';

/** An open engine on one network, with the check of its answers. */
export interface Entry {
  readonly engine: BenchEngine;
  readonly bed: Bed;
  readonly open: OpenEngine;
  readonly answers: Answers;
}

export interface Entries {
  readonly entries: readonly Entry[];
  readonly skipped: readonly Skipped[];
}

/** Opens every engine on every network that it can run, and checks its answers. */
export async function openEngines(
  engines: readonly BenchEngine[],
  beds: readonly Bed[],
  inputs: readonly Input[],
  log: (line: string) => void,
): Promise<Entries> {
  const entries: Entry[] = [];
  const skipped: Skipped[] = [];
  for (const bed of beds) {
    const expected = await referenceAnswers(bed, inputs);
    for (const engine of engines) {
      const { id, precision } = engine.info;
      const missing = engine.missing(bed);
      if (missing) {
        skipped.push({ engine: id, network: bed.network.id, reason: missing });
        log(`SKIPPED ${id} on ${bed.network.id}: ${missing}`);
        continue;
      }
      const open = await engine.open(bed);
      const answers = await checkAnswers(open, precision, inputs, expected);
      log(`${bed.network.id}: ${id}: ${inWords(answers)}`);
      entries.push({ engine, bed, open, answers });
    }
  }
  return { entries, skipped };
}

/** Times the engines in turn on one input. */
export async function measure(
  entries: readonly Entry[],
  input: Input,
  schedule: Schedule,
  onRound: (done: number) => void,
): Promise<readonly EngineResult[]> {
  const subjects = entries.map(({ open }) => ({ time: (runs: number) => open.time(input, runs) }));
  const rounds = await interleave(subjects, schedule, onRound);
  return entries.map(({ engine, bed, open, answers }, index) => {
    const ms = rounds[index]!;
    const plain = entries.findIndex((entry) => isPlainTwin(entry, engine, bed));
    const ours = engine.info.ours ? -1 : entries.findIndex((entry) => isRival(entry, engine, bed));
    return {
      ...engine.info,
      ...(open.detail && { detail: open.detail }),
      ...(open.memoryBytes !== undefined && { memoryBytes: open.memoryBytes }),
      network: bed.network.id,
      ms: spread(ms),
      ...(ours >= 0 && {
        timesOurs: { ...spread(ratios(ms, rounds[ours]!)), ours: entries[ours]!.engine.info.id },
      }),
      ...(plain >= 0 && { lrnMs: spread(differences(ms, rounds[plain]!)) }),
      answers,
    };
  });
}

/** True if `bed` has the network with LRN and `entry` is the same engine on the one without. */
function isPlainTwin(entry: Entry, engine: BenchEngine, bed: Bed): boolean {
  return entry.engine === engine && bed.network.id === 'lrn' && entry.bed.network.id === 'plain';
}

/** True if `entry` is our engine on this network, in the host in which `peer` is compared. */
function isRival(entry: Entry, peer: BenchEngine, bed: Bed): boolean {
  const host: Host = peer.info.host === 'native' ? 'Node' : peer.info.host;
  return entry.engine.info.ours && entry.engine.info.host === host && entry.bed === bed;
}

async function referenceAnswers({ network }: Bed, inputs: readonly Input[]) {
  const reference = createReference(await loadTfjsWasm(), network.network, network.weights);
  const answers = inputs.map(({ nhwc }) => reference.classify(nhwc));
  reference.dispose();
  return answers;
}

function inWords({ images, sameTop1, maxDifference, right }: Answers): string {
  const verdict = right ? 'answers checked' : 'WRONG ANSWERS';
  const difference = maxDifference.toExponential(1);
  return `${verdict}, same top-1 on ${sameTop1} of ${images}, probabilities within ${difference}`;
}
