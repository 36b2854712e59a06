import type { Agreement, Difference } from '../../evaluate/compare.ts';
import { type Html, html, name } from '../html.ts';
import { counted, percent } from '../numbers.ts';
import type { ReportData } from '../report-data.ts';
import { section } from '../table.ts';
import { imageCard } from './image-card.ts';

/** Largest number of images shown. */
export const MOST_DIFFERENCES = 12;

/** Answers that quantisation changed. */
export function quantization(data: ReportData): Html {
  const { agreement } = data;
  if (!agreement) return html``;
  const shown = agreement.differences.slice(0, MOST_DIFFERENCES);
  return section(
    'quantization',
    'int8 against float32',
    html`<p>${said(agreement)}</p>
${shown.length > 0 ? html`<ul class="cards">${shown.map((one) => card(one, data))}</ul>` : undefined}`,
  );
}

function said({ agreement, differences, onlyFloatRight, onlyInt8Right }: Agreement): string {
  if (differences.length === 0) return 'Both give the same answer for every image.';
  return `Both give the same answer for ${percent(agreement, 2)} of the images and differ on ${counted(differences.length, 'image')}: there only float32 is correct ${times(onlyFloatRight)}, only int8 ${times(onlyInt8Right)}.`;
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

function card({ image, label, float, int8 }: Difference, { classes, images }: ReportData): Html {
  const line = (precision: string, { answer, confidence }: Difference['float']) =>
    html`${precision}: <strong>${name(classes[answer]!)}</strong> ${percent(confidence)}${answer === label ? '\u00a0✓' : '\u00a0✗'}`;
  return imageCard(images?.get(image), [
    line('float32', float),
    line('int8', int8),
    html`is <strong>${name(classes[label]!)}</strong>`,
  ]);
}
