/**
 * Writes the subset of YAML that a model card needs.
 * @module
 */

export type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml };

/** YAML in block style, with a line break at the end. */
export function yaml(value: { readonly [key: string]: Yaml }): string {
  return `${mapping(value).join('\n')}\n`;
}

/** Strings that need no quotes: words that YAML does not read as a number, date, boolean or null. */
const PLAIN = /^(?!(?:true|false|yes|no|on|off|y|n|null)$)[a-z_][\w.-]*$/i;

function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return PLAIN.test(value) ? value : JSON.stringify(value); // a JSON string is a YAML string
}

function mapping(value: { readonly [key: string]: Yaml }): string[] {
  return Object.entries(value).flatMap(([key, child]) =>
    isScalar(child)
      ? [`${scalar(key)}: ${scalar(child)}`]
      : [`${scalar(key)}:`, ...lines(child).map((line) => `  ${line}`)],
  );
}

/** Each list item begins with a dash; its further lines are indented. */
function lines(value: Yaml): string[] {
  if (isScalar(value)) return [scalar(value)];
  if (!Array.isArray(value)) return mapping(value as { readonly [key: string]: Yaml });
  return (value as readonly Yaml[]).flatMap((item) =>
    lines(item).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`)),
  );
}

const isScalar = (value: Yaml): value is string | number =>
  typeof value === 'string' || typeof value === 'number';
