import { toInput } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { phonePhoto } from '@hebb/test/decode/phone-photo';
import { difference, encoder } from '@hebb/test/decode/pictures';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { newArena } from '@hebb/test/support/codecs';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DecodeArena } from './arena.ts';
import { planDecode } from './plan.ts';
import type { Target } from './reduce.ts';

describe("a phone's photo of 12 megapixels", () => {
  let baseline: Buffer;
  let progressive: Buffer;

  beforeAll(async () => {
    const photo = await phonePhoto();
    baseline = await encoder(photo).jpeg({ quality: 92 }).toBuffer();
    progressive = await encoder(photo).jpeg({ quality: 92, progressive: true }).toBuffer();
  });

  const told = (bytes: Buffer, target: Target) => planDecode(bytes, target).bytes;

  /** Network input from the edge's decode at 1/reduction, and from a full decode. */
  async function inputs(bytes: Buffer, arena: DecodeArena, reduction: number) {
    const image = await decode(bytes, { arena });
    const [width, height] = [4032 / reduction, 3024 / reduction];
    expect(image).toMatchObject({ width, height, sourceWidth: 4032, sourceHeight: 3024 });
    return [toInput(image, PREPROCESSING), await decodeFile(bytes, PREPROCESSING)] as const;
  }

  it('baseline: under 11 MB, within 0.4 grey levels of a full decode', async () => {
    expect(baseline.length).toBeGreaterThan(6e6);
    const arena = newArena();
    const [scaled, full] = await inputs(baseline, arena, 4);
    expect(arena.memoryBytes()).toBeLessThan(11e6);
    expect(told(baseline, PREPROCESSING.resize)).toBeLessThan(11e6);
    expect(difference(scaled, full).mean).toBeLessThan(0.4);
  });

  it('progressive: under 4 MB, within a grey level of a full decode', async () => {
    expect(progressive.length).toBeGreaterThan(6e6);
    const arena = newArena();
    const [scaled, full] = await inputs(progressive, arena, 8);
    expect(arena.memoryBytes()).toBeLessThan(4e6); // no codec at all
    expect(told(progressive, PREPROCESSING.resize)).toBeLessThan(4e6);
    expect(difference(scaled, full).mean).toBeLessThan(1);
  });

  it('at other reductions: the memory is what the header told', async () => {
    for (const bytes of [baseline, progressive]) {
      for (const size of [400, 800, 1600]) {
        const target = { rule: 'shorter-side', size } as const;
        const arena = newArena(120e6);
        await decode(bytes, { arena, target });
        expect(arena.usedBytes).toBeLessThanOrEqual(told(bytes, target));
        expect(arena.usedBytes).toBeGreaterThan(told(bytes, target) * 0.9);
      }
    }
  });
});
