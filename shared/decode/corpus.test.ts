/**
 * The whole corpus (corpus.ts) through both tiers as they run: the edge's decoder in workerd, the GPU
 * tier's in threads of Node. Both give the same bits, or refuse in the same words. What they give is held
 * against sharp.
 */

import { DecodeThreads } from '@hebb/images/threads';
import { HebbError, sha256, toInput } from '@hebb/model';
import { type CorpusFile, corpus, nameOf } from '@hebb/test/decode/corpus';
import { authorityOf, DISAGREEMENTS } from '@hebb/test/decode/corpus-authority';
import { pack, sizingOf } from '@hebb/test/decode/packed';
import { difference } from '@hebb/test/decode/pictures';
import type { Outcome } from '@hebb/test/decode/worker';
import { startDecoder } from '@hebb/test/decode/workerd';
import type { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const thorough = process.env.HEBB_TEST_ALL === '1';

/** Images sent to workerd in one request: bytes, about, and how many at most. */
const BATCH = { bytes: 2e6, images: 100 };

interface Examined {
  readonly file: CorpusFile;
  /** The digest of the network's input, or the error's code, message and hint. */
  readonly edge: string;
  readonly tier: string;
  /** The GPU tier's input, of files that it decodes. */
  readonly input: Uint8Array | undefined;
}

let miniflare: Miniflare;
let url: URL;
const threads = new DecodeThreads(2);
const examined: Examined[] = [];

async function byEdge(files: readonly CorpusFile[]): Promise<string[]> {
  const response = await fetch(new URL('/many', url), { method: 'POST', body: pack(files) });
  const outcomes = (await response.json()) as Outcome[];
  return outcomes.map((outcome) => {
    if ('digest' in outcome) return outcome.digest;
    return 'error' in outcome ? worded(outcome.error) : `fault: ${outcome.fault}`;
  });
}

async function byTier({ bytes, side }: CorpusFile) {
  try {
    const input = await threads.input(bytes, sizingOf(side));
    return { tier: await sha256(new Uint8Array(input)), input };
  } catch (error) {
    if (error instanceof HebbError) return { tier: worded(error), input: undefined };
    return { tier: `fault: ${String(error)}`, input: undefined };
  }
}

const worded = ({ code, message, hint }: { code: string; message: string; hint?: string }) =>
  `${code}: ${message} ${hint}`;

async function examine(files: readonly CorpusFile[]): Promise<void> {
  const [edge, tier] = await Promise.all([byEdge(files), Promise.all(files.map(byTier))]);
  for (const [i, file] of files.entries()) examined.push({ file, edge: edge[i]!, ...tier[i]! });
}

beforeAll(async () => {
  miniflare = await startDecoder();
  url = await miniflare.ready;
  let files: CorpusFile[] = [];
  let bytes = 0;
  let before: Promise<void> = Promise.resolve();
  for await (const file of corpus(thorough)) {
    files.push(file);
    bytes += file.bytes.length;
    if (bytes < BATCH.bytes && files.length < BATCH.images) continue;
    await before;
    before = examine(files); // while the next ones are made
    [files, bytes] = [[], 0];
  }
  await before;
  await examine(files);
}, 900_000);
afterAll(async () => {
  await miniflare.dispose();
  await threads.close();
});

const isDigest = (answer: string) => /^[0-9a-f]{64}$/.test(answer);

describe('the edge and the GPU tier', () => {
  it('agree on every file, except above the memory of the isolate', () => {
    const differing = examined.filter(({ edge, tier }) => edge !== tier);
    const tooLarge = differing.filter(({ edge }) => /^image_too_large.* may be used/.test(edge));
    const decoded = examined.filter(({ edge, tier }) => edge === tier && isDigest(edge));
    const refused = examined.filter(({ edge, tier }) => edge === tier && !isDigest(edge));
    console.info(
      `${examined.length} files: ${decoded.length} decoded to the same bits, ${refused.length} refused alike, ` +
        `${tooLarge.length} beyond the isolate's memory${list(tooLarge)}`,
    );
    const others = differing.filter((one) => !tooLarge.includes(one));
    expect(others.map(({ file, edge, tier }) => [nameOf(file), edge, tier])).toEqual([]);
    for (const { file } of tooLarge)
      expect(file.layout).toMatch(/16 megapixels$|bit in the header/);
    expect(tooLarge.length).toBeGreaterThan(0);
    expect(decoded.length).toBeGreaterThan(600);
    expect(refused.length).toBeGreaterThan(200);
  });

  it('give only images and typed errors', () => {
    const faults = examined.filter(({ edge, tier }) => /^(fault|internal)/.test(edge + tier));
    expect(faults.map(({ file, edge }) => [nameOf(file), edge])).toEqual([]);
  });

  it('decode every complete file', () => {
    const whole = examined.filter(({ file }) => file.damage === 'whole');
    const refused = whole.filter(({ tier }) => !isDigest(tier));
    expect(refused.map(({ file, tier }) => [nameOf(file), tier])).toEqual([]);
  });

  it('refuse every file that is cut at 30 or 70 %', () => {
    // Of an animation the first frame may be whole in front of the cut.
    const cut = examined.filter(
      ({ file }) => /cut at [37]0/.test(file.damage) && !/animated(, tiny)?$/.test(file.layout),
    );
    const accepted = cut.filter(({ tier }) => isDigest(tier));
    expect(accepted.map(({ file }) => nameOf(file))).toEqual([]);
  });

  it('ignore trailing bytes', () => {
    const trailing = examined.filter(({ file }) => file.damage === 'trailing bytes');
    for (const { file, tier } of trailing) {
      const whole = examined.find(
        (one) => nameOf(one.file) === nameOf({ ...file, damage: 'whole' }),
      );
      if (whole) expect(tier, nameOf(file)).toBe(whole.tier);
    }
  });
});

function list(some: readonly Examined[]): string {
  return some.map(({ file, edge }) => `\n  ${nameOf(file)}: ${edge}`).join('');
}

/**
 * Grey levels on average: libvips truncates where alpha is applied, and of 16 bits. Reduced pictures are
 * averaged while they are decoded, which hard edges show most. Of a few pixels that are enlarged, each is as wide as 40: there
 * interpolation of chroma, and colours that are converted after the resize, show.
 */
const tolerance = (layout: string, side: number): number => {
  if (/^avif: 4:2:2/.test(layout)) return 4; // 40×24, enlarged too
  if (layout.endsWith(', tiny')) return /4:2:0|in Adobe RGB|in Display P3/.test(layout) ? 7 : 0.6;
  return side === 256 && !/ \d+ pixels$/.test(layout) ? 0.6 : 2;
};

describe('sharp, which converts colours by lcms', () => {
  it('shows the same, except for listed kinds of files', { timeout: 600_000 }, async () => {
    const differing = new Map<string, number>();
    let compared = 0;
    for (const { file, input } of examined) {
      const { layout, damage, side } = file;
      if (damage !== 'whole' || !input) continue;
      compared++;
      const expected = await authorityOf(file.bytes);
      const mean = expected
        ? difference(toInput(expected, sizingOf(side)), input).mean
        : Number.POSITIVE_INFINITY;
      if (mean > tolerance(layout, side)) {
        differing.set(layout, Math.max(differing.get(layout) ?? 0, mean));
      }
    }
    const reasonOf = (layout: string) => DISAGREEMENTS.find(({ layouts }) => layouts.test(layout));
    const lines = [...differing].map(
      ([layout, mean]) =>
        `\n  ${layout}, ${mean.toFixed(1)} grey levels: ${reasonOf(layout)?.why ?? '?'}`,
    );
    console.info(`${compared} files against sharp, differing:${lines.join('')}`);
    expect([...differing].filter(([layout]) => !reasonOf(layout))).toEqual([]);
    const stale = DISAGREEMENTS.filter(
      ({ layouts }) => ![...differing.keys()].some((layout) => layouts.test(layout)),
    );
    expect(stale, 'they agree by now: take them off the list').toEqual([]);
    expect(compared).toBeGreaterThan(600);
  });
});
