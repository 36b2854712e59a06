import type { Calibration } from '../../evaluate/calibration.ts';
import { type Html, html } from '../html.ts';
import { count, counted, percent, short } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { figure, legend } from '../svg/figure.ts';
import { linearScale } from '../svg/scale.ts';
import { section, table } from '../table.ts';

/** How well confidence matches accuracy. */
export function calibration(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const { bins, error } = metrics.calibration;
  const { temperatures, error: fitted } = metrics.withTemperature;
  const full = bins.filter(({ images }) => images > 0);
  const gap = full.reduce((sum, bin) => sum + bin.images * (bin.confidence - bin.accuracy), 0);
  const lean = gap > 0 ? 'overconfident' : 'underconfident';
  const verdict =
    error < 0.02 ? 'The probabilities are well calibrated.' : `On average the network is ${lean}.`;
  return section(
    'calibration',
    'Calibration',
    html`<p>The expected calibration error of the ${precision} answers is ${percent(error)}. ${verdict}
Temperatures of ${short(temperatures[0])} and ${short(temperatures[1])}, each fitted on one half of the images and applied to the other, make it ${percent(fitted)}.</p>
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

const [WIDTH, HEIGHT] = [420, 300];
const FRAME = { left: 52, right: 22, top: 8, bottom: 38 };

/** Bars of accuracy over confidence; on the dashed diagonal both are equal. */
function reliabilityDiagram({ bins, error }: Calibration): Html {
  const x = linearScale([0, 1], [FRAME.left, WIDTH - FRAME.right]);
  const y = linearScale([0, 1], [HEIGHT - FRAME.bottom, FRAME.top]);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const grid = shares.map(
    (share) =>
      html`<path class="grid" d="M${x(0)} ${y(share)}H${x(1)}"/><text x="${FRAME.left - 6}" y="${y(share) + 4}" text-anchor="end">${percent(share, 0)}</text><text x="${x(share)}" y="${y(0) + 16}" text-anchor="middle">${percent(share, 0)}</text>`,
  );
  const full = bins.filter(({ images }) => images > 0);
  const bars = full.map(({ low, high, images, confidence, accuracy }) => {
    const text = `${counted(images, 'image')}: confidence ${percent(confidence)}, correct ${percent(accuracy)}`;
    return html`<g><title>${text}</title><rect class="bar" x="${x(low) + 1}" y="${y(accuracy)}" width="${(x(high) - x(low) - 2).toFixed(1)}" height="${(y(0) - y(accuracy)).toFixed(1)}"/><circle class="mark s2" cx="${x(confidence)}" cy="${y(accuracy)}" r="4"/></g>`;
  });
  return figure({
    id: 'calibration',
    title: 'Confidence and accuracy',
    width: WIDTH,
    height: HEIGHT,
    description: `Expected calibration error ${percent(error)}. ${full
      .map((bin) => `Confidence ${percent(bin.confidence)}: ${percent(bin.accuracy)} correct`)
      .join('; ')}.`,
    legend: legend([
      {
        label: 'correct answers',
        mark: html`<rect class="bar" x="4" y="1" width="16" height="10"/>`,
      },
      {
        label: 'at the mean confidence',
        mark: html`<circle class="mark s2" cx="12" cy="6" r="4"/>`,
      },
      { label: 'confidence = accuracy', mark: html`<path class="ideal" d="M1 6H23"/>` },
    ]),
    body: html`${grid}${bars}<path class="ideal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/><text x="${(x(0) + x(1)) / 2}" y="${HEIGHT - 4}" text-anchor="middle">confidence</text>`,
  });
}
