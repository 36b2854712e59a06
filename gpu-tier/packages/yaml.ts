/**
 * As much of YAML as the head of a model card needs.
 * @module
 */

export type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml };

/** Lines of block style, which end with a line break. */
export function yaml(value: { readonly [key: string]: Yaml }): string {
  return `${mapping(value).join('\n')}\n`;
}

/** What needs no quotes: a word that YAML does not take for a number, a date, a truth or nothing. */
const PLAIN = /^(?!(?:true|false|yes|no|on|off|y|n|null)$)[a-z_][\w.-]*$/i;

function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return PLAIN.test(value) ? value : JSON.stringify(value); // a string of JSON is one of YAML
}

function mapping(value: { readonly [key: string]: Yaml }): string[] {
  return Object.entries(value).flatMap(([key, child]) =>
    isScalar(child)
      ? [`${scalar(key)}: ${scalar(child)}`]
      : [`${scalar(key)}:`, ...lines(child).map((line) => `  ${line}`)],
  );
}

/** A list's items each begin with a dash; the lines after an item's first are indented like it. */
function lines(value: Yaml): string[] {
  if (isScalar(value)) return [scalar(value)];
  if (!Array.isArray(value)) return mapping(value as { readonly [key: string]: Yaml });
  return (value as readonly Yaml[]).flatMap((item) =>
    lines(item).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`)),
  );
}

const isScalar = (value: Yaml): value is string | number =>
  typeof value === 'string' || typeof value === 'number';
