import type { DecodeResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The results as Markdown. */
export function decodeReport({ machine, picture, rounds, decodes }: DecodeResult): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const rows = decodes.map((of) => {
    const full = decodes.find(
      ({ coding, decoder, reduction }) =>
        coding === of.coding && decoder === 'edge' && reduction === 1,
    )!;
    return [
      of.coding,
      megabytes(of.fileBytes),
      of.decoder === 'edge' ? `1/${of.reduction}` : `1/1, ${of.decoder} (native)`,
      `${of.ms.median.toFixed(0)} (${of.ms.p10.toFixed(0)}–${of.ms.p90.toFixed(0)})`,
      (full.ms.median / of.ms.median).toFixed(1),
      of.wasmBytes === undefined ? '' : megabytes(of.wasmBytes),
      of.meanDifference.toFixed(2),
    ];
  });
  const head = [
    'JPEG',
    'file, MB',
    'decoded at',
    'ms',
    'speed relative to 1/1',
    'WASM memory, MB',
    'difference, grey levels',
  ];
  return [
    machineReport(machine),
    `Image: ${picture}. One thread, from the file to the network's 224×224 pixels; the median of ${rounds} ` +
      'rounds. The last column is the mean difference of those pixels from a full native decode. ' +
      'The edge chooses 1/4 for the baseline file and 1/8 for the progressive one.',
    table(head, rows, 3),
  ].join('\n\n');
}
