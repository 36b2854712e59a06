import { type Html, html, name } from '../html.ts';
import { counted, percent } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { section } from '../table.ts';
import { imageCard } from './image-card.ts';

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
