import { type Html, html } from '../html.ts';
import { count, percent } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { reliabilityDiagram } from '../svg/reliability.ts';
import { section, table } from '../table.ts';

/** How well confidence matches accuracy. */
export function calibration(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const { bins, error } = metrics.calibration;
  const full = bins.filter(({ images }) => images > 0);
  const gap = full.reduce((sum, bin) => sum + bin.images * (bin.confidence - bin.accuracy), 0);
  const lean = gap > 0 ? 'overconfident' : 'underconfident';
  const verdict =
    error < 0.02 ? 'The probabilities are well calibrated.' : `On average the network is ${lean}.`;
  return section(
    'calibration',
    'Calibration',
    html`<p>The expected calibration error of the ${precision} answers is ${percent(error)}. ${verdict}</p>
<div class="pair">${reliabilityDiagram(metrics.calibration)}${table(
      'Answers by confidence',
      [
        { title: 'confidence' },
        ...['images', 'mean', 'correct'].map((title) => ({ title, number: true })),
      ],
      full.map((bin) => [
        `${percent(bin.low, 0)} – ${percent(bin.high, 0)}`,
        count(bin.images),
        percent(bin.confidence),
        percent(bin.accuracy),
      ]),
    )}</div>`,
  );
}
