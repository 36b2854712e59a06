import type { Spread } from '../measure/statistics.ts';
import type { EngineResult, EnginesResult } from '../results.ts';
import { outcomes } from '../targets.ts';
import { machineReport } from './machine.ts';
import { range, table, targetTable } from './table.ts';

/** The results as Markdown. */
export function enginesReport(result: EnginesResult): string {
  const { rounds, runsPerRound, weights } = result;
  return [
    machineReport(result.machine),
    `One thread, batch 1. Weights: ${weights}. ${rounds} rounds; in each round every engine runs ` +
      `${runsPerRound} times. The figures are the median of the rounds' medians, with the 10th and 90th percentile.`,
    ...result.networks.map(({ id, title }) => `### ${title}\n\n${speeds(result, id)}`),
    ...lrnCost(result),
    `### Targets\n\n${targetTable(outcomes(result))}`,
    `### Size of the runtime, without weights\n\n${sizes(result)}`,
    ...skipped(result),
  ].join('\n\n');
}

function speeds({ engines }: EnginesResult, network: string): string {
  const measured = engines.filter((engine) => engine.network === network);
  const rows = measured.map((engine) => [
    engine.ours ? `**${engine.name}**` : engine.name,
    engine.host,
    engine.precision,
    range(engine.ms, 1),
    engine.timesOurs ? range(engine.timesOurs, 2) : '',
    answers(engine),
  ]);
  const chosen = measured.flatMap(({ name, host, precision, detail }) =>
    detail ? `${name} ${precision} in ${host}: ${detail}` : [],
  );
  const head = ['engine', 'runs in', 'precision', 'ms per image', 'times ours', 'answers'];
  return `${table(head, rows, 3)}\n\nKernels and builds chosen on this machine: ${chosen.join('; ')}.`;
}

function answers({ answers: { right, sameTop1, images } }: EngineResult): string {
  return `${right ? 'checked' : 'WRONG'}, ${sameTop1} of ${images}`;
}

/** With `to`, since on a busy machine a difference can be negative, where a dash would mislead. */
const fromTo = ({ p10, p90 }: Spread): string => `${p10.toFixed(1)} to ${p90.toFixed(1)}`;

/** The time that LRN adds to our engine, if both networks were measured. */
function lrnCost({ engines }: EnginesResult): string[] {
  const costs = engines.flatMap(({ host, ours, lrnMs }) =>
    ours && lrnMs ? [`${lrnMs.median.toFixed(1)} ms (${fromTo(lrnMs)}) in ${host}`] : [],
  );
  return costs.length > 0 ? [`LRN takes our engine ${costs.join(', ')}.`] : [];
}

function sizes(result: EnginesResult): string {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)}`;
  const rows = result.sizes.map(({ name, js, binary, files, ours }) => [
    ours ? `**${name}**` : name,
    files,
    kilobytes(js),
    kilobytes(binary),
    kilobytes(js + binary),
  ]);
  return table(['engine', 'files', 'JavaScript, KB', 'binary, KB', 'total, KB'], rows, 2);
}

function skipped(result: EnginesResult): string[] {
  if (result.skipped.length === 0) return [];
  const lines = result.skipped.map(
    ({ engine, network, reason }) => `- ${engine} on ${network}: ${reason}`,
  );
  return [`### Not measured\n\n${lines.join('\n')}`];
}
