import type { Box } from '../../../shared/model/network/drawing.ts';

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The box that a key leads to; undefined for other keys, and where there is none. */
export function neighbour(from: Box, key: string, boxes: readonly Box[]): Box | undefined {
  if (key === 'Home') return boxes[0];
  if (key === 'End') return boxes.findLast(({ section }) => section === 'head');
  const step = STEPS[key];
  if (!step) return undefined;
  return boxes
    .map((box) => ({ box, cost: distance(from, box, step) }))
    .filter(({ cost }) => cost < Infinity)
    .sort((a, b) => a.cost - b.cost)[0]?.box;
}

/** How far a box is in a direction; what is beside that direction counts much more. */
function distance(from: Box, to: Box, [right, down]: readonly [number, number]): number {
  const dx = center(to, 'x') - center(from, 'x');
  const dy = center(to, 'y') - center(from, 'y');
  const ahead = right * dx + down * dy;
  const aside = Math.abs(right === 0 ? overhang(from, to) : dy);
  if (ahead <= 1 || (right !== 0 && aside > from.height)) return Infinity;
  return ahead + 3 * aside;
}

const center = (box: Box, axis: 'x' | 'y'): number =>
  box[axis] + (axis === 'x' ? box.width : box.height) / 2;

/** The gap between two boxes side by side; 0 when one lies above the other. */
const overhang = (a: Box, b: Box): number =>
  Math.max(0, a.x - (b.x + b.width), b.x - (a.x + a.width));
