import type { EnginesResult } from '../results.ts';
import { outcomes, SPEED } from '../targets.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The README's numbers: every peer beside our engine where it ran, and the targets. */
export function readmeNumbers(result: EnginesResult): string {
  const engines = result.engines.filter(({ network }) => network === 'plain');
  const rows = engines.flatMap(({ id, name, host, precision, ms, timesOurs }) => {
    const ours = engines.find((engine) => engine.id === timesOurs?.ours);
    if (!timesOurs || !ours) return [];
    const target = SPEED.find(({ peer }) => peer === id)?.times;
    return [
      [
        `${name} (${host})`,
        precision,
        ms.median.toFixed(1),
        ours.ms.median.toFixed(1),
        timesOurs.median.toFixed(2),
        target === undefined ? '' : String(target),
      ],
    ];
  });
  const head = ['peer', 'precision', 'its ms', 'our ms', 'times as fast', 'target'];
  return [machineReport(result.machine), table(head, rows, 2), targets(result)].join('\n\n');
}

function targets(result: EnginesResult): string {
  const all = outcomes(result);
  const missed = all.slice(0, SPEED.length).some(({ met }) => met === false);
  const why =
    'The targets were set on a CPU with AVX-VNNI, ' + 'where a dot product is one instruction.\n';
  const small = all.slice(SPEED.length).map(({ what, target, measured, met }) => {
    return `${what} ${measured} (${target}: ${met ? 'met' : 'missed'})`;
  });
  const onOlder = missed && result.machine.avxVnni === false;
  return `${onOlder ? why : ''}${capital(small.join('; '))}.`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
