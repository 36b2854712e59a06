import type { Int8Engine } from '@hebb/engine';

/** The kernels that an engine chose, as Markdown: 11 convolutions by `winograd`, 46 convolutions by `paired`. */
export function kernelsUsed(steps: Int8Engine['steps']): string {
  const counts = new Map<string, number>();
  for (const { conv } of steps) if (conv) counts.set(conv, (counts.get(conv) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} convolutions by \`${name}\``).join(', ');
}
