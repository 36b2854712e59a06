/**
 * The HTML of a page, from its source: the bar that all pages share is put in, and names of sources
 * become those of what was built from them.
 * @module
 */

/** Names of the scripts and styles that a page's source refers to: `index.ts`, `style.css`. */
export function sourcesOf(html: string): string[] {
  return [...html.matchAll(REFERENCE)].map(([, , name]) => name!);
}

const REFERENCE = /(src|href)="([\w./-]+\.(?:ts|css))"/g;

/**
 * @param path where the page is served, `/network`: its link in the bar is marked as the current one
 * @param built the URL of what was built from a source
 */
export function pageHtml(
  html: string,
  { bar, path, built }: { bar: string; path: string; built: (source: string) => string },
): string {
  const marked = bar.replace(new RegExp(`<a href="${path}"`), '$& aria-current="page"');
  return html
    .replace('<!-- bar.html -->', () => marked)
    .replace(REFERENCE, (_, attribute, source) => `${attribute}="${built(source)}"`)
    .replace(/\n\s+/g, '\n');
}
