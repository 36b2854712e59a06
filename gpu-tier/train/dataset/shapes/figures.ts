/**
 * The classes of the drawn data set: four shapes and two textures. Size, rotation, proportions or period
 * are random.
 * @module
 */

/**
 * Share of the pixel at (x, y) that the figure covers, 0 to 1. The origin is the figure's centre, the unit
 * is the image's side.
 */
export type Coverage = (x: number, y: number) => number;

/** Draws one figure of a class. `pixel` is the side of a pixel in the image's units. */
type Figure = (random: () => number, pixel: number) => Coverage;

type Point = readonly [number, number];

export const FIGURES = {
  checkerboard: (random, pixel) => {
    const { across, along } = rhythm(random);
    return (x, y) => edge(-across(x, y) * along(x, y) * WAVE_SLOPE, pixel);
  },
  circle: (random, pixel) => {
    const radius = between(random, 0.14, 0.36);
    const hole = random() < 0.3 ? radius * between(random, 0.3, 0.7) : 0; // some are rings
    return (x, y) => {
      const distance = Math.hypot(x, y);
      return edge(Math.max(distance - radius, hole - distance), pixel);
    };
  },
  square: (random, pixel) => {
    const half = between(random, 0.14, 0.3);
    const turned = turn(random);
    const stretch = between(random, 0.75, 1);
    return (x, y) => {
      const [u, v] = turned(x, y);
      return edge(Math.max(Math.abs(u) - half, Math.abs(v) - half * stretch), pixel);
    };
  },
  star: (random, pixel) => {
    const points = 5 + Math.floor(2 * random());
    const inner = between(random, 0.38, 0.5);
    return polygon(random, pixel, 2 * points, (i) => (i % 2 ? inner : 1));
  },
  stripes: (random, pixel) => {
    const { across } = rhythm(random);
    return (x, y) => edge(-across(x, y) * WAVE_SLOPE, pixel);
  },
  triangle: (random, pixel) => {
    const uneven = [0, 0, 0].map(() => between(random, 0.8, 1.1));
    return polygon(random, pixel, 3, (i) => uneven[i]!);
  },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;

/** Converts a wave's height to about a distance: 8 periods rise by 2π · 8 per unit. */
const WAVE_SLOPE = 1 / (2 * Math.PI * 8);

const between = (random: () => number, from: number, to: number): number =>
  from + (to - from) * random();

/** Coverage from the distance to the outline, negative inside: a soft edge one pixel wide. */
const edge = (distance: number, pixel: number): number =>
  Math.min(1, Math.max(0, 0.5 - distance / pixel));

function turn(random: () => number): (x: number, y: number) => Point {
  const angle = 2 * Math.PI * random();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => [cos * x + sin * y, cos * y - sin * x];
}

/** Two waves at right angles, of 4 to 12 periods per image, in any direction. */
function rhythm(random: () => number): { across: Coverage; along: Coverage } {
  const turned = turn(random);
  const periods = between(random, 4, 12);
  const wave = (value: number) => Math.sin(2 * Math.PI * periods * value);
  return { across: (x, y) => wave(turned(x, y)[0]), along: (x, y) => wave(turned(x, y)[1]) };
}

/** A closed polygon around the centre; `radiusOf` gives each corner's relative distance, about 1 at most. */
function polygon(
  random: () => number,
  pixel: number,
  corners: number,
  radiusOf: (corner: number) => number,
): Coverage {
  const radius = between(random, 0.18, 0.4);
  const first = 2 * Math.PI * random();
  const outline = Array.from({ length: corners }, (_, i): Point => {
    const angle = first + (2 * Math.PI * i) / corners;
    const r = radius * radiusOf(i);
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
  return (x, y) => edge(distanceTo(outline, x, y), pixel);
}

/** Signed distance to a polygon, negative inside: the nearest side, and the even-odd rule. */
function distanceTo(outline: readonly Point[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  let [ax, ay] = outline.at(-1)!;
  for (const [bx, by] of outline) {
    const [sx, sy] = [bx - ax, by - ay];
    const t = Math.min(1, Math.max(0, ((x - ax) * sx + (y - ay) * sy) / (sx * sx + sy * sy)));
    nearest = Math.min(nearest, Math.hypot(x - ax - t * sx, y - ay - t * sy));
    if (ay > y !== by > y && x < ax + ((y - ay) / sy) * sx) inside = !inside;
    [ax, ay] = [bx, by];
  }
  return inside ? -nearest : nearest;
}
