import { type Html, type HtmlValue, html } from './html.ts';

export interface TableColumn {
  readonly title: string;
  /** Align right. */
  readonly number?: boolean;
}

/** A table that scrolls when it is too wide; the first cell of a row is its heading. */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const kind = (c: number) => (columns[c]?.number ? html` class="number"` : undefined);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, c) => html`<th scope="col"${kind(c)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr>${row.map((cell, c) =>
      c === 0 ? html`<th scope="row"${kind(c)}>${cell}</th>` : html`<td${kind(c)}>${cell}</td>`,
    )}</tr>
`,
)}</tbody></table></div>
`;
}

/** Content that is collapsed at first. */
export const details = (summary: string, content: Html): Html =>
  html`<details><summary>${summary}</summary>
${content}</details>
`;

/** A section of the report. */
export const section = (id: string, title: string, content: Html): Html =>
  html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${title}</h2>
${content}</section>
`;
