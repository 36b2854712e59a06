import type { EnginesResult } from '../results.ts';
import { SPEED, sizeOutcomes, speedOutcomes } from '../targets.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The README's numbers: every peer beside our engine where it ran, and the targets. */
export function readmeNumbers(result: EnginesResult): string {
  const { engines } = result;
  const rows = engines.flatMap(({ id, name, host, network, precision, ms, timesOurs }) => {
    const ours = engines.find((own) => own.id === timesOurs?.ours && own.network === network);
    if (!timesOurs || !ours) return [];
    const target = SPEED.find(({ peer }) => peer === id)?.times;
    return [
      [
        `${name} (${host})`,
        precision,
        network === 'lrn' ? 'yes' : 'no',
        ms.median.toFixed(1),
        ours.ms.median.toFixed(1),
        timesOurs.median.toFixed(2),
        target === undefined ? '' : String(target),
      ],
    ];
  });
  const head = ['peer', 'precision', 'LRN', 'its ms', 'our ms', 'times as fast', 'target'];
  return [machineReport(result.machine), table(head, rows, 3), targets(result)].join('\n\n');
}

function targets(result: EnginesResult): string {
  const missed = speedOutcomes(result).some(({ met }) => met === false);
  const why =
    'The targets were set on a CPU with AVX-VNNI, ' + 'where a dot product is one instruction.\n';
  const small = sizeOutcomes(result).map(({ what, target, measured, met }) => {
    return `${what} ${measured} (${target}: ${met ? 'met' : 'missed'})`;
  });
  const onOlder = missed && result.machine.avxVnni === false;
  return `${onOlder ? why : ''}${capital(small.join('; '))}.`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
