/**
 * report.html: one file without network, scripts or fonts, for light and dark mode, phones and paper.
 * Charts are SVG, and each has its numbers in a table.
 * @module
 */
import { type Html, html } from './html.ts';
import type { ReportData, ReportFacts } from './report-data.ts';
import { calibration } from './sections/calibration.ts';
import { confusion } from './sections/confusion.ts';
import { curves } from './sections/curves.ts';
import { headline } from './sections/headline.ts';
import { mistakes, quantization } from './sections/images.ts';
import { modelsAndCrops } from './sections/models-and-crops.ts';
import {
  multiLabelClasses,
  multiLabelHeadline,
  multiLabelMistakes,
} from './sections/multi-label.ts';
import { perClass } from './sections/per-class.ts';
import { STYLE } from './style.ts';
import { section } from './table.ts';

/** Blocks scripts and requests, even if an escape is ever missing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The report as a whole HTML document. */
export function reportHtml(data: ReportData): string {
  const parts: readonly (readonly [id: string, title: string, part: Html])[] = [
    ['result', 'Result', data.multiLabel ? multiLabelHeadline(data) : headline(data)],
    ['training', 'Training', curves(data.curves)],
    ['models-and-crops', 'Models and crops', modelsAndCrops(data.table)],
    ['confusion', 'Confusion', confusion(data)],
    ['classes', 'Classes', data.multiLabel ? multiLabelClasses(data) : perClass(data)],
    ['calibration', 'Calibration', calibration(data)],
    ['quantization', 'int8', quantization(data)],
    ['mistakes', 'Mistakes', data.multiLabel ? multiLabelMistakes(data) : mistakes(data)],
    ['facts', 'How it was made', facts(data.facts)],
  ];
  const shown = parts.filter(([, , { text }]) => text !== '');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${data.title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${data.title}</h1>
${data.subtitle === undefined ? undefined : html`<p>${data.subtitle}</p>`}
<p><small>Made by Hebb, <time datetime="${data.created}">${day(data.created)}</time>.</small></p>
<nav aria-label="Parts of this report"><ul>${shown.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${shown.map(([, , part]) => part)}</main>
</body>
</html>
`.text;
}

const day = (iso: string): string => iso.replace(/T(\d\d:\d\d).*/, ' $1 UTC');

/** Configuration, data, machine and versions, to reproduce the result. */
function facts(groups: readonly ReportFacts[] | undefined): Html {
  const full = (groups ?? []).filter(({ rows }) => rows.length > 0);
  if (full.length === 0) return html``;
  return section(
    'facts',
    'How it was made',
    html`<div class="facts">${full.map(
      ({ title, rows }) => html`<div><h3>${title}</h3>
<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>
`,
    )}</div>`,
  );
}
