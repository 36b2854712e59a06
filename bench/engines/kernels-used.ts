import type { Int8Engine } from '@hebb/engine';

/** Which convolution kernels an engine has chosen for this CPU: `55 convolutions by dot, 2 by …`. */
export function kernelsUsed(steps: Int8Engine['steps']): string {
  const counts = new Map<string, number>();
  for (const { conv } of steps) if (conv) counts.set(conv, (counts.get(conv) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} convolutions by \`${name}\``).join(', ');
}
