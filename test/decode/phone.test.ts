import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFile } from '../../gpu-tier/decode/file.ts';
import { decodeMemory } from '../../shared/decode/budget.ts';
import { CodecPool } from '../../shared/decode/codec-pool.ts';
import { totalBytes } from '../../shared/decode/memory.ts';
import type { Target } from '../../shared/decode/reduce.ts';
import { sniff } from '../../shared/decode/sniff.ts';
import { toInput } from '../../shared/model/index.ts';
import { nodeCodecs } from '../support/codecs.ts';
import { decode } from './edge.ts';
import { phonePhoto } from './phone-photo.ts';
import { difference, encoder } from './pictures.ts';
import { PREPROCESSING } from './settings.ts';

describe("a phone's photo of 12 megapixels", () => {
  let baseline: Buffer;
  let progressive: Buffer;

  beforeAll(async () => {
    const photo = await phonePhoto();
    baseline = await encoder(photo).jpeg({ quality: 92 }).toBuffer();
    progressive = await encoder(photo).jpeg({ quality: 92, progressive: true }).toBuffer();
  });

  const told = (bytes: Buffer, target: Target) =>
    totalBytes(decodeMemory(sniff(bytes), bytes.length, target));

  /** Network input from the edge's decode at 1/reduction, and from a full decode. */
  async function inputs(bytes: Buffer, codecs: CodecPool, reduction: number) {
    const image = await decode(bytes, { codecs });
    const [width, height] = [4032 / reduction, 3024 / reduction];
    expect(image).toMatchObject({ width, height, sourceWidth: 4032, sourceHeight: 3024 });
    return [toInput(image, PREPROCESSING), await decodeFile(bytes, PREPROCESSING)] as const;
  }

  it('baseline: under 10 MB for the codec, within 0.4 grey levels of a full decode', async () => {
    expect(baseline.length).toBeGreaterThan(6e6);
    const codecs = new CodecPool(nodeCodecs);
    const [scaled, full] = await inputs(baseline, codecs, 4);
    expect(codecs.memoryBytes()).toBeLessThan(10e6);
    expect(told(baseline, PREPROCESSING.resize)).toBeLessThan(14e6); // with the pixels, twice
    expect(difference(scaled, full).mean).toBeLessThan(0.4);
  });

  it('progressive: under 4 MB, within a grey level of a full decode', async () => {
    expect(progressive.length).toBeGreaterThan(6e6);
    const codecs = new CodecPool(nodeCodecs);
    const [scaled, full] = await inputs(progressive, codecs, 8);
    expect(codecs.memoryBytes()).toBe(0); // no codec at all
    expect(told(progressive, PREPROCESSING.resize)).toBeLessThan(4e6);
    expect(difference(scaled, full).mean).toBeLessThan(1);
  });

  it('at other reductions: the memory is what the header told', async () => {
    for (const bytes of [baseline, progressive]) {
      for (const size of [400, 800, 1600]) {
        const target = { rule: 'shorter-side', size } as const;
        const codecs = new CodecPool(nodeCodecs, 120e6);
        const image = await decode(bytes, { codecs, target, budgetBytes: 120e6 });
        const taken = codecs.memoryBytes() + image.data.length;
        expect(taken).toBeLessThanOrEqual(told(bytes, target));
        expect(taken).toBeGreaterThan(told(bytes, target) * 0.9);
      }
    }
  });
});
