import type { QuantizationStep } from '@hebb/model';
import { topOneLoss } from './gate.ts';
import type { PipelineResult } from './pipeline.ts';

const percent = (value: number): string => `${value.toFixed(2)} %`.padStart(9);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** A quantisation as text: accuracy, agreement, size, and the noise of each layer as bars. */
export function quantizationReport(result: PipelineResult): string {
  const { comparison, noise, size, manifest, steps, heldOut } = result;
  const { float, int8, meanAveragePrecision } = comparison;
  const lines = ['', `${comparison.images} images, ${comparison.labelled} with a known class`, ''];
  if (float && int8) {
    lines.push(
      '            top-1      top-5',
      `float32 ${percent(float.top1)}  ${percent(float.top5)}`,
      `int8    ${percent(int8.top1)}  ${percent(int8.top5)}   ${loss(topOneLoss(comparison))}`,
    );
  } else if (meanAveragePrecision) {
    const { float: before, int8: after } = meanAveragePrecision;
    lines.push(
      '        mean average precision',
      `float32 ${percent(before)}`,
      `int8    ${percent(after)}   ${loss(topOneLoss(comparison))}`,
    );
  } else {
    lines.push('No image lies in a folder named after a class: accuracy is unknown.');
  }
  lines.push(
    `${meanAveragePrecision ? 'overlap of the labels' : 'same top-1 answer'} ${percent(comparison.agreement)}`,
    '',
    `weights ${megabytes(size.float)} → ${megabytes(size.int8)}`,
    `scales: ${manifest.quantization?.scales}`,
    '',
    `what each step gave, on ${heldOut} images held out from the calibration`,
    ...stepLines(steps),
    '',
    'signal-to-noise ratio of the activations, dB (one block per 2 dB; check layers below 15)',
    ...noise.map(({ layer, decibels }) => noiseLine(layer, decibels)),
    '',
  );
  return `${lines.join('\n')}\n`;
}

const loss = (points: number): string =>
  points > 0 ? `loses ${points.toFixed(2)} points` : `gains ${(-points).toFixed(2)} points`;

function noiseLine(layer: string, decibels: number): string {
  const bar = '▇'.repeat(Math.max(0, Math.round(decibels / 2)));
  return `  ${layer.padEnd(24)} ${decibels.toFixed(1).padStart(5)}  ${bar}`;
}

/** A table: each row is one step, with all steps before it that were taken. */
function stepLines(steps: readonly QuantizationStep[]): string[] {
  const head = `${' '.repeat(34)}same answer  top-1 lost  KL divergence     SNR`;
  const rows = steps.map(({ step, agreement, loss: lost, divergence, decibels, taken }, i) =>
    [
      `  ${(i === 0 ? '' : '+ ') + step}`.padEnd(34),
      `${agreement.toFixed(1)} %`.padStart(11),
      (lost === undefined ? '–' : lost.toFixed(2)).padStart(12),
      divergence.toExponential(2).padStart(15),
      `${decibels.toFixed(1)} dB`.padStart(8),
      taken ? '' : '  not taken',
    ].join(''),
  );
  return [head, ...rows];
}
