import { type Html, html } from '../html.ts';
import type { ReportFacts } from '../report-data.ts';
import { section } from '../table.ts';

/** Configuration, data, machine and versions, to reproduce the result. */
export function facts(groups: readonly ReportFacts[] | undefined): Html {
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
