/**
 * HTML, with SVG inside it, as a tagged template that escapes every string: names of classes and files
 * are untrusted.
 * @module
 */

/** Text that is HTML already and is not escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Html | readonly Html[] | undefined;

/** html`<td>${name}</td>`: escapes strings, inserts HTML and lists of HTML, omits undefined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0]!;
  for (const [i, value] of values.entries()) text += render(value) + parts[i + 1]!;
  return new Html(text);
}

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text and quoted attributes. Control characters, which HTML forbids, become U+FFFD. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd');

/** A name, isolated so that right-to-left text does not reorder its surroundings. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;
