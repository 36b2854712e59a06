/**
 * The parts of a report that show images: the worst mistakes, and answers that quantisation changed.
 * @module
 */
import type { Agreement, Difference } from '../../evaluate/compare.ts';
import { type Html, html, name } from '../html.ts';
import { counted, percent } from '../numbers.ts';
import { mainMetrics, type ReportData, type ReportImage } from '../report-data.ts';
import { section } from '../table.ts';

/** The most confident wrong answers: wrong labels are often among them. */
export function mistakes(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const wrong = Math.round(metrics.images * (1 - metrics.top1));
  const cards = metrics.mistakes.map(({ image, label, answer, confidence, ofLabel }) =>
    imageCard(data.images?.get(image), [
      html`<strong>${name(data.classes[answer]!)}</strong> ${percent(confidence)}`,
      html`is <strong>${name(data.classes[label]!)}</strong> ${percent(ofLabel)}`,
    ]),
  );
  const content =
    cards.length > 0
      ? html`<p>${counted(wrong, 'mistake')} in ${counted(metrics.images, 'image')} (${precision}); these are the most confident ones. Look for images with a wrong label.</p>
<ul class="cards">${cards}</ul>
`
      : html`<p>There are none.</p>`;
  return section('mistakes', 'Worst mistakes', content);
}

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

/** An image with lines of text; without a thumbnail only its name. */
export function imageCard(image: ReportImage | undefined, lines: readonly Html[]): Html {
  const { name: path = 'unknown image', thumbnail } = image ?? {};
  const data = thumbnail && Buffer.from(thumbnail).toString('base64');
  const picture = data ? html`<img src="data:image/jpeg;base64,${data}" alt="">` : undefined;
  return html`<li class="card">${picture}<div>${lines.map((line) => html`<p>${line}</p>`)}<p class="path">${name(path)}</p></div></li>
`;
}
