import { html } from '../html.ts';
import { type LineChart, linePicture } from './line-chart.ts';

const [MARGIN, TITLE, ENTRY] = [8, 24, 18];

/**
 * The colours of the report (../style.ts) without custom properties: a picture in a page has no style sheet
 * but its own.
 */
const STYLE = `
.page{fill:#fff}text{fill:#565d68;font:12px system-ui,sans-serif}.title{fill:#14171c;font-weight:600;font-size:14px}
.grid{stroke:#d9dde3;fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}.hover{fill:transparent}
.line.s1{stroke:#0b62c4}.line.s2{stroke:#c2410c}.line.s3{stroke:#15803d;stroke-dasharray:7 3}
.line.s4{stroke:#7e3fbf;stroke-dasharray:3 2}.line.s5{stroke:#8a6d00;stroke-dasharray:1.5 2.5}
.dot.s1{fill:#0b62c4}.dot.s2{fill:#c2410c}.dot.s3{fill:#15803d}.dot.s4{fill:#7e3fbf}.dot.s5{fill:#8a6d00}
@media(prefers-color-scheme:dark){.page{fill:#0f1115}text{fill:#a4abb6}.title{fill:#e8eaed}.grid{stroke:#2f343d}
.line.s1{stroke:#6db3ff}.line.s2{stroke:#ff9d5c}.line.s3{stroke:#67d08a}.line.s4{stroke:#c79bf2}.line.s5{stroke:#e0c355}
.dot.s1{fill:#6db3ff}.dot.s2{fill:#ff9d5c}.dot.s3{fill:#67d08a}.dot.s4{fill:#c79bf2}.dot.s5{fill:#e0c355}}
`;

/**
 * A line chart as an SVG file of its own, with title and legend inside, in light and dark colours. Throws a
 * RangeError if there is nothing to draw.
 * @example
 * await writeFile('docs/pictures/loss.svg', svgFile(chart));
 */
export function svgFile(chart: LineChart): string {
  const picture = linePicture(chart);
  if (!picture) throw new RangeError(`The chart ${chart.id} has no values.`);
  const { id, title, width, series, description, body } = picture;
  const top = MARGIN + TITLE + ENTRY * series.length;
  const [w, h] = [width + 2 * MARGIN, top + picture.height + MARGIN];
  const entries = series.map(({ label, style }, i) => {
    const y = MARGIN + TITLE + ENTRY * i + 8;
    return html`<path class="line s${style}" d="M${MARGIN + 8} ${y}h24"/><text x="${MARGIN + 40}" y="${y + 4}">${label}</text>
`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
<style>${STYLE}</style>
<rect class="page" width="${w}" height="${h}" rx="8"/>
<text class="title" x="${MARGIN + 8}" y="${MARGIN + 16}">${title}</text>
${entries}<g transform="translate(${MARGIN} ${top})">
${body}
</g>
</svg>
`.text;
}
