import { topOneLoss } from './gate.ts';
import type { PipelineResult } from './pipeline.ts';

const percent = (value: number): string => `${value.toFixed(2)} %`.padStart(9);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** A quantisation as text: accuracy, agreement, size, and the noise of each layer as bars. */
export function quantizationReport(result: PipelineResult): string {
  const { comparison, noise, size, manifest, biasCorrection } = result;
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
    `scales: ${manifest.quantization?.scales}, bias correction ${biasCorrection ? 'on' : 'off'}`,
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
