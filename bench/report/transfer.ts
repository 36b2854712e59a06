import type { TransferResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The results as Markdown. */
export function transferReport({ machine, note, source, data, runs }: TransferResult): string {
  const rows = runs.map(({ what, epochs, top1, seconds }) => [
    what,
    epochs === undefined ? 'none' : String(epochs),
    `${(100 * top1).toFixed(1)} %`,
    (seconds / 60).toFixed(1),
  ]);
  return [
    machineReport(machine),
    ...(note === undefined ? [] : [note]),
    `The weights of ${source}, fine-tuned on ${data.name}: ${data.train} training images and ${data.val} ` +
      `validation images of ${data.classes} classes. Top-1 accuracy on the validation images in float32; a ` +
      `difference of one image is ${(100 / data.val).toFixed(2)} points.`,
    table(['what', 'epochs of the trunk', 'top-1', 'minutes'], rows, 1),
    'Our time includes features, int8 weights and the report. PyTorch trains in bf16 (autocast, channels ' +
      'last): SGD, the classifier at ten times the trunk’s rate, crops of 0.35 to 1, label smoothing, averaged ' +
      'weights (bench/peers/pytorch/finetune.py).',
  ].join('\n\n');
}
