/**
 * The HTML of a page, from its source: the bar that all pages share is put in, and names of sources
 * become those of what was built from them.
 * @module
 */

/** What was built from a script or a style. */
export interface BuiltSource {
  readonly url: string;
  /** Of a script: those that it imports before it runs. */
  readonly imports: readonly string[];
}

export interface PageParts {
  /** The HTML of the bar. */
  readonly bar: string;
  /** Where the page is served, `/network`: its link in the bar is marked as the current one. */
  readonly path: string;
  readonly built: (source: string) => BuiltSource;
}

const REFERENCE = /(src|href)="([\w./-]+\.(?:ts|css))"/g;

/** Names of the scripts and styles that a page's source refers to: `index.ts`, `style.css`. */
export function sourcesOf(html: string): string[] {
  return [...html.matchAll(REFERENCE)].map(([, , name]) => name!);
}

export function pageHtml(html: string, { bar, path, built }: PageParts): string {
  const marked = bar.replace(new RegExp(`<a href="${path}"`), '$& aria-current="page"');
  const imports = new Set(sourcesOf(html).flatMap((source) => built(source).imports));
  const preloads = [...imports].map((url) => `<link rel="modulepreload" href="${url}" />`);
  return html
    .replace('<!-- bar.html -->', () => marked)
    .replace(REFERENCE, (_, attribute, source) => `${attribute}="${built(source).url}"`)
    .replace('</head>', () => `${preloads.join('\n')}\n</head>`)
    .replace(/\n\s+/g, '\n');
}
