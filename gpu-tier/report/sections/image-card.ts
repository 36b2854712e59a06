import { type Html, html } from '../html.ts';
import type { ReportImage } from '../report-data.ts';

/** An image with lines of text; without a thumbnail only its name. */
export function imageCard(image: ReportImage | undefined, lines: readonly Html[]): Html {
  const { name = 'unknown image', thumbnail } = image ?? {};
  const data = thumbnail && Buffer.from(thumbnail).toString('base64');
  const picture = data ? html`<img src="data:image/jpeg;base64,${data}" alt="">` : undefined;
  return html`<li class="card">${picture}<div>${lines.map((line) => html`<p>${line}</p>`)}<p class="path"><bdi>${name}</bdi></p></div></li>
`;
}
