/**
 * Draws pictures of figures: dark on a light gradient, with clutter and noise. Both are weak enough
 * that a network from scratch learns the figures in a few hundred steps.
 * @module
 */
import { derivedSeed, seededNormal, seededRandom, shuffled } from '../../random/random.ts';
import { type Coverage, FIGURES, type FigureName } from './figures.ts';

type Rgb = readonly [number, number, number];

/** Least difference in grey levels between figure and background. */
const LEAST_CONTRAST = 70;
/** Least grey level of a background's two colours. */
const LEAST_LIGHT = 120;

/**
 * @param size side of the square picture, pixels
 * @returns uint8 RGB [size, size, 3]; the same seed gives the same picture
 */
export function drawPicture(figure: FigureName, size: number, seed: number): Uint8Array {
  return draw(size, seed, (random) => {
    const coverage = FIGURES[figure](random, 1 / size);
    const [centreX, centreY] = [0.5 + 0.3 * (random() - 0.5), 0.5 + 0.3 * (random() - 0.5)];
    return (x, y) => coverage(x - centreX, y - centreY);
  });
}

/** Most figures in one picture: one for each quarter. */
export const MOST_FIGURES = 4;

/** Side of a figure's place in a picture of several, as a share of the picture's. */
const PLACE = 0.6;

/**
 * Draws several figures, or none, in one colour in the quarters of a picture. A texture fills a square.
 * @param figures at most `MOST_FIGURES`
 * @returns uint8 RGB [size, size, 3]; the same seed gives the same picture
 */
export function drawSeveral(
  figures: readonly FigureName[],
  size: number,
  seed: number,
): Uint8Array {
  return draw(size, seed, (random) => {
    const quarters = shuffled([0, 1, 2, 3], derivedSeed(seed, 2));
    const parts = figures.map((figure, i): Coverage => {
      const coverage = FIGURES[figure](random, 1 / (PLACE * size));
      const jitter = () => 0.04 * (random() - 0.5);
      const centreX = 0.28 + 0.44 * (quarters[i]! % 2) + jitter();
      const centreY = 0.28 + 0.44 * (quarters[i]! >> 1) + jitter();
      const isTexture = figure === 'stripes' || figure === 'checkerboard';
      return (x, y) => {
        const [u, v] = [(x - centreX) / PLACE, (y - centreY) / PLACE];
        const inside = Math.max(Math.abs(u), Math.abs(v)) < (isTexture ? 0.36 : 0.5);
        return inside ? coverage(u, v) : 0;
      };
    });
    return (x, y) => Math.max(0, ...parts.map((part) => part(x, y)));
  });
}

/** Draws what `figureOf` covers. The origin of its coverage is the picture's top left corner. */
function draw(
  size: number,
  seed: number,
  figureOf: (random: () => number) => Coverage,
): Uint8Array {
  const random = seededRandom(seed);
  const coverage = figureOf(random);
  const [from, to] = [lightColour(random), lightColour(random)];
  const ground = blend(from, to, 0.5);
  const ink = darkerThan(ground, random);
  const slope = 2 * Math.PI * random();
  const spots = clutter(random);
  const noise = seededNormal(derivedSeed(seed, 1));
  const grain = 2 + 6 * random();

  const pixels = new Uint8ClampedArray(size * size * 3);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += 3) {
      const [x, y] = [(column + 0.5) / size, (row + 0.5) / size];
      const along = (x - 0.5) * Math.cos(slope) + (y - 0.5) * Math.sin(slope);
      let shade = blend(ground, blend(from, to, along + 0.5), 0.6);
      for (const { left, top, radius, tone } of spots) {
        if (Math.hypot(x - left, y - top) < radius) shade = blend(shade, tone, 0.35);
      }
      const [r, g, b] = blend(shade, ink, coverage(x, y));
      const level = grain * noise();
      pixels[at] = r + level;
      pixels[at + 1] = g + level;
      pixels[at + 2] = b + level;
    }
  }
  return new Uint8Array(pixels.buffer);
}

const colour = (random: () => number): Rgb => [255 * random(), 255 * random(), 255 * random()];

const brightness = ([r, g, b]: Rgb): number => 0.299 * r + 0.587 * g + 0.114 * b;

const blend = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
];

const lightColour = (random: () => number): Rgb =>
  colourWhere((level) => level >= LEAST_LIGHT, random);

const darkerThan = (ground: Rgb, random: () => number): Rgb =>
  colourWhere((level) => level <= brightness(ground) - LEAST_CONTRAST, random);

/** Draws colours until the brightness of one is good. */
function colourWhere(isGood: (level: number) => boolean, random: () => number): Rgb {
  for (;;) {
    const drawn = colour(random);
    if (isGood(brightness(drawn))) return drawn;
  }
}

/** Up to six small faint spots. */
function clutter(random: () => number) {
  return Array.from({ length: Math.floor(7 * random()) }, () => ({
    left: random(),
    top: random(),
    radius: 0.01 + 0.04 * random(),
    tone: colour(random),
  }));
}
