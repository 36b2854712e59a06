import type { Calibration } from '../../evaluate/calibration.ts';
import { type Html, html } from '../html.ts';
import { counted, percent } from '../numbers.ts';
import { figure, legend } from './figure.ts';
import { linearScale } from './scale.ts';

const [WIDTH, HEIGHT] = [420, 300];
const FRAME = { left: 52, right: 22, top: 8, bottom: 38 };

/** Bars of accuracy over confidence; on the dashed diagonal both are equal. */
export function reliabilityDiagram({ bins, error }: Calibration): Html {
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
