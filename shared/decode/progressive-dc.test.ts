import { nodeCodecs } from '@hebb/images/file';
import type { ReducedImage } from '@hebb/model';
import { decode, refusal } from '@hebb/test/decode/edge';
import { type FlatComponent, type FlatJpeg, writeFlatJpeg } from '@hebb/test/decode/jpeg-writer';
import { difference, encoder, picture } from '@hebb/test/decode/pictures';
import { newArena } from '@hebb/test/support/codecs';
import { describe, expect, it } from 'vitest';
import { DecodeArena } from './arena.ts';
import { Bytes } from './bytes.ts';
import { jpegHeader } from './jpeg/header.ts';
import { decodeDc } from './jpeg/progressive-dc.ts';
import { decodeTurbo } from './jpeg/turbo.ts';

const arena = newArena();

/** The same file at 1/8 by our DC decoder and by libjpeg-turbo. */
async function both(bytes: Uint8Array) {
  const header = jpegHeader(new Bytes(bytes));
  const kept = ({ data, ...image }: ReducedImage) => ({ ...image, data: data.slice() });
  const libjpeg = await arena.load('jpeg');
  return {
    own: arena.run(4e6, undefined, (workspace) => kept(decodeDc(workspace, bytes, header))),
    turbo: arena.run(4e6, libjpeg, (workspace) => kept(decodeTurbo(workspace, bytes, header, 8))),
  };
}

const luma: FlatComponent = {
  horizontal: 1,
  vertical: 1,
  value: (x, y) => (x * 11 + y * 5 + ((x * y) & 7) * 9) & 255,
};
const chroma = (slope: number): FlatComponent => ({
  horizontal: 1,
  vertical: 1,
  value: (x, y) => 128 + Math.round(60 * Math.sin(slope * x + y / 3)),
});
const colours: FlatJpeg = {
  width: 203,
  height: 117,
  progressive: true,
  components: [luma, chroma(0.2), chroma(0.5)],
};

describe('DC coefficients alone give what libjpeg gives at 1/8, to the bit', () => {
  const files: Record<string, FlatJpeg> = {
    'one scan for all components': colours,
    'a scan for each component': { ...colours, separate: true },
    'refined in two further passes': { ...colours, refinements: 2 },
    'refined, a scan for each component': { ...colours, refinements: 1, separate: true },
    'restart markers': { ...colours, restartInterval: 7 },
    'restart markers, refined, separate': {
      ...colours,
      restartInterval: 5,
      refinements: 1,
      separate: true,
    },
    grey: { ...colours, components: [luma] },
    'grey with sampling factors of its own': {
      ...colours,
      components: [{ ...luma, horizontal: 2, vertical: 2 }],
    },
    'RGB (Adobe)': { ...colours, adobeTransform: 0 },
    'a single pixel': { ...colours, width: 1, height: 1 },
  };
  it.each(Object.entries(files))('%s', async (_, file) => {
    const { own, turbo } = await both(writeFlatJpeg(file));
    expect(own).toEqual(turbo);
  });

  it('a photograph without chroma subsampling', async () => {
    const photo = encoder(picture(611, 517)).jpeg({
      progressive: true,
      chromaSubsampling: '4:4:4',
    });
    const { own, turbo } = await both(await photo.toBuffer());
    expect(own).toEqual(turbo);
  });
});

describe('subsampled chroma is interpolated', () => {
  // libjpeg takes chroma's finer detail from AC coefficients, which are not read here.
  const sampled = (horizontal: number, vertical: number): FlatJpeg => {
    const large = { ...luma, horizontal, vertical };
    return { ...colours, width: 400, height: 300, components: [large, chroma(0.2), chroma(0.1)] };
  };
  it.each([
    [2, 1],
    [1, 2],
    [2, 2],
    [4, 1],
    [4, 2],
  ])('%i×%i', async (horizontal, vertical) => {
    const { own, turbo } = await both(writeFlatJpeg(sampled(horizontal, vertical)));
    expect([own.width, own.height]).toEqual([turbo.width, turbo.height]);
    expect(difference(own.data, turbo.data).mean).toBeLessThan(6); // flat chroma blocks: the worst case
  });

  it('within a grey level on a photograph (4:2:0)', async () => {
    const photo = encoder(picture(1611, 1517)).jpeg({ progressive: true });
    const { own, turbo } = await both(await photo.toBuffer());
    expect(difference(own.data, turbo.data).mean).toBeLessThan(1);
  });
});

describe('a large progressive JPEG', () => {
  const target = { rule: 'warp', size: 64 } as const;
  const photo = encoder(picture(640, 530)).jpeg({ progressive: true }).toBuffer();

  it('is decoded this way, without libjpeg', async () => {
    const jpeg = () => Promise.reject(new Error('libjpeg was loaded'));
    const noJpeg = new DecodeArena({ ...nodeCodecs(), jpeg }, 64e6);
    const image = await decode(await photo, { target, arena: noJpeg });
    expect(image).toMatchObject({ width: 80, height: 67, sourceWidth: 640, sourceHeight: 530 });
  });

  it('is refused wherever it is cut, in scans that are stepped over too', async () => {
    const bytes = await photo;
    for (let share = 0.1; share < 0.95; share += 0.1) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(await refusal(cut, { target })).toMatch(/^broken_image/);
    }
    // Only the end marker is missing: every pixel is there.
    expect(await refusal(bytes.subarray(0, -2), { target })).toBe('decoded');
  });

  it('is refused when its DC scan is too short or its tables are missing', async () => {
    const bytes = await photo;
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const hole = Buffer.concat([bytes.subarray(0, scan + 40), bytes.subarray(scan + 60)]);
    expect(await refusal(hole, { target })).toMatch(/^broken_image/);
    const tables = bytes.indexOf(Buffer.from([0xff, 0xc4]));
    const without = Buffer.from(bytes).fill(0xef, tables + 1, tables + 2); // a comment of sorts
    expect(await refusal(without, { target })).toMatch('a Huffman table that is not there');
  });
});
