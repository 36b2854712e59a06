/** The value of a metric in Prometheus' text format: the sum over its labels. */
export function metric(text: string, name: string): number {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));
  if (values.length === 0) throw new Error(`There is no metric ${name}.`);
  return values.reduce((sum, value) => sum + value, 0);
}
