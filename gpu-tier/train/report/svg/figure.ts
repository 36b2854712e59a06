import { type Html, html } from '../html.ts';

export interface Figure {
  /** Letters and dashes; unique on the page. */
  readonly id: string;
  readonly title: string;
  /** Text alternative for screen readers. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly body: Html;
  /** Shown between title and picture. */
  readonly legend?: Html;
}

/** A picture with its title, as wide as its container. */
export const figure = ({ id, title, description, width, height, body, legend }: Figure): Html =>
  html`<figure>
<figcaption>${title}</figcaption>${legend}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${body}
</svg>
</figure>
`;

/** The legend of a chart: the name of each series with its mark. */
export const legend = (entries: readonly { readonly label: string; readonly mark: Html }[]): Html =>
  html`<ul class="legend">${entries.map(
    ({ label, mark }) =>
      html`<li><svg viewBox="0 0 24 12" aria-hidden="true">${mark}</svg>${label}</li>`,
  )}</ul>`;
