/**
 * Draws the sample photographs in this folder: flowers of petals, gradients and blur, under the project's own
 * licence. Run it with `node test/samples/draw.ts` after `npm install`.
 * @module
 */
import { join } from 'node:path';
import { seededRandom } from '@hebb/train/random/random';
import sharp from 'sharp';

const [WIDTH, HEIGHT] = [480, 400];

/** Blurred green patches, like a meadow out of focus. */
function meadow(random: () => number): string {
  const blotches = Array.from({ length: 60 }, () => {
    const [x, y, r] = [random() * WIDTH, random() * HEIGHT, 20 + 60 * random()];
    const colour = `hsl(${85 + 40 * random()}, ${35 + 25 * random()}%, ${18 + 25 * random()}%)`;
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`;
  });
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="#2f5223"/><g filter="url(#far)">${blotches.join('')}</g>`;
}

interface Petals {
  readonly count: number;
  readonly length: number;
  readonly width: number;
  readonly fill: string;
}

/** A ring of petals around (x, y), each a little different. */
function petals(x: number, y: number, ring: Petals, random: () => number): string {
  return Array.from({ length: ring.count }, (_, i) => {
    const angle = (360 * (i + 0.5 * (random() - 0.5))) / ring.count;
    const length = ring.length * (0.9 + 0.2 * random());
    const width = ring.width * (0.85 + 0.3 * random());
    const path = `M0 0 C ${width} ${-length * 0.35}, ${width * 0.8} ${-length * 0.95}, 0 ${-length} C ${-width * 0.8} ${-length * 0.95}, ${-width} ${-length * 0.35}, 0 0`;
    return `<path d="${path}" transform="translate(${x} ${y}) rotate(${angle})" fill="url(#${ring.fill})" stroke="#0003" stroke-width="1"/>`;
  }).join('');
}

/** Small florets on a disc, in the spiral of a sunflower's head (Vogel 1979). */
function disc(
  [x, y]: readonly [number, number],
  radius: number,
  { hue, dark }: { readonly hue: number; readonly dark: number },
  random: () => number,
): string {
  const count = 420;
  const florets = Array.from({ length: count }, (_, i) => {
    const r = radius * Math.sqrt((i + 0.5) / count);
    const angle = i * 2.399963;
    const light = dark + 22 * (r / radius) + 12 * random();
    const at = `cx="${x + r * Math.cos(angle)}" cy="${y + r * Math.sin(angle)}"`;
    return `<circle ${at} r="${radius / 14}" fill="hsl(${hue}, 70%, ${light}%)"/>`;
  });
  return florets.join('');
}

const stem = (x: number, y: number): string =>
  `<path d="M${x} ${y} C ${x + 10} ${y + 90}, ${x - 14} ${y + 180}, ${x + 4} ${HEIGHT + 20}" stroke="#4d7a2c" stroke-width="13" fill="none"/>`;

const DRAWINGS: Readonly<Record<string, (random: () => number) => string>> = {
  sunflower: (random) =>
    stem(240, 200) +
    petals(240, 190, { count: 24, length: 165, width: 26, fill: 'gold' }, random) +
    petals(240, 190, { count: 22, length: 140, width: 24, fill: 'gold' }, random) +
    disc([240, 190], 88, { hue: 24, dark: 5 }, random),
  daisy: (random) =>
    stem(245, 200) +
    petals(245, 195, { count: 26, length: 150, width: 17, fill: 'white' }, random) +
    petals(245, 195, { count: 22, length: 138, width: 16, fill: 'white' }, random) +
    disc([245, 195], 44, { hue: 46, dark: 30 }, random),
  tulips: (random) =>
    [110, 250, 385].map((x, i) => tulip(x, 150 + 30 * (i % 2), 1 + 0.1 * random())).join(''),
};

function tulip(x: number, y: number, scale: number): string {
  const side = (flip: number) =>
    `<path d="M0 95 C ${flip * 75} 80, ${flip * 68} 5, ${flip * 44} -60 C ${flip * 26} -30, ${flip * 6} 20, 0 95" fill="url(#red)" stroke="#6008" stroke-width="1.5"/>`;
  const middle = `<path d="M0 96 C 44 70, 36 -20, 0 -66 C -36 -20, -44 70, 0 96" fill="url(#pink)" stroke="#6008" stroke-width="1.5"/>`;
  const leaf = `<path d="M4 260 C 60 170, 70 120, 78 70 C 40 110, 8 170, 0 260" fill="#4f7f3c"/>`;
  return `${stem(x, y + 90)}<g transform="translate(${x} ${y}) scale(${scale})">${leaf}${side(-1)}${side(1)}${middle}</g>`;
}

const gradient = (id: string, inner: string, outer: string): string =>
  `<linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0"><stop offset="0" stop-color="${inner}"/><stop offset="1" stop-color="${outer}"/></linearGradient>`;

const DEFS = `<defs>
  <filter id="far" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="14"/></filter>
  ${gradient('gold', '#d88a00', '#ffd94a')}${gradient('white', '#cfd6e4', '#ffffff')}
  ${gradient('red', '#8f1022', '#e8384a')}${gradient('pink', '#b01c30', '#ff6b74')}
</defs>`;

for (const [i, [name, draw]] of Object.entries(DRAWINGS).entries()) {
  const random = seededRandom(100 + i);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${DEFS}${meadow(random)}${draw(random)}</svg>`;
  // Slight blur, as of a lens.
  const image = sharp(Buffer.from(svg)).blur(0.8);
  await image.jpeg({ quality: 88 }).toFile(join(import.meta.dirname, `${name}.jpg`));
}
