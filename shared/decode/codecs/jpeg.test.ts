import { HebbError } from '@hebb/model';
import { instantiate } from '@hebb/test/codecs/instance';
import { ARITHMETIC_PROGRESSIVE, ARITHMETIC_SEQUENTIAL } from '@hebb/test/decode/arithmetic';
import { difference, encoder, picture } from '@hebb/test/decode/pictures';
import { describe, expect, it } from 'vitest';
import { type LibjpegPicture, runLibjpeg } from '../jpeg/turbo.ts';
import type { Reduction } from '../reduce.ts';

const photo = picture(150, 133);
const END = Buffer.from([0xff, 0xd9]);

const read = (file: Uint8Array, reduction: Reduction = 1): LibjpegPicture =>
  runLibjpeg(instantiate('jpeg'), [file], reduction);

/** Whether the caller would take it: turbo.ts. */
const isWhole = (p: LibjpegPicture) => p.pixelWarnings === 0 && (p.complete || p.sawEnd);

const files = {
  baseline: encoder(photo).jpeg().toBuffer(),
  'baseline 4:4:4': encoder(photo).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
  progressive: encoder(photo).jpeg({ progressive: true }).toBuffer(),
  'CMYK progressive': encoder(photo).toColourspace('cmyk').jpeg({ progressive: true }).toBuffer(),
  grey: encoder(photo).toColourspace('b-w').jpeg().toBuffer(),
};

describe.each(Object.entries(files))('what is missing of a file (%s)', (_, encoded) => {
  it('is noticed at every length: the file is refused, or no pixel differs', async () => {
    const file = await encoded;
    const whole = read(file);
    expect(whole).toMatchObject({ pixelWarnings: 0, complete: true, sawEnd: true, message: '' });
    let refused = 0;
    for (let length = file.length - 1; length > 700; length -= length > file.length - 80 ? 1 : 67) {
      const cut = tryRead(file.subarray(0, length));
      if (cut && isWhole(cut)) expect(Buffer.compare(cut.pixels, whole.pixels)).toBe(0);
      else refused++;
    }
    expect(refused).toBeGreaterThan(60);
  });

  it('is no error if only the end marker is missing', async () => {
    const file = await encoded;
    const whole = read(file);
    const trailers = {
      none: '',
      zeros: '\0'.repeat(3000),
      text: 'a comment\n',
      'another picture': file.toString('latin1'),
      'half a marker': '\xff',
    };
    for (const trailer of Object.values(trailers)) {
      const open = Buffer.concat([file.subarray(0, -2), Buffer.from(trailer, 'latin1')]);
      const result = read(open);
      expect(isWhole(result)).toBe(true);
      expect(Buffer.compare(result.pixels, whole.pixels)).toBe(0);
      expect(result.sawEnd).toBe(false);
    }
  });
});

describe('warnings', () => {
  it('that affect no pixel are counted separately, however many there are', async () => {
    const file = await files.baseline;
    const padded = withPadding(file);
    const result = read(padded);
    expect(result).toMatchObject({ pixelWarnings: 0, sawEnd: true });
    expect(result.harmlessWarnings).toBeGreaterThanOrEqual(4);
    expect(result.message).toMatch(
      /^Corrupt JPEG data: 9 extraneous bytes before marker 0x[0-9a-f]{2}$/,
    );
    expect(Buffer.compare(result.pixels, read(file).pixels)).toBe(0);
  });

  it('that affect pixels are reported, also after harmless ones', async () => {
    const padded = withPadding(await files.baseline);
    const result = read(padded.subarray(0, padded.length - 900));
    expect(result.harmlessWarnings).toBeGreaterThanOrEqual(4);
    expect(result.pixelWarnings).toBeGreaterThan(0);
    expect(result.message).toBe('Corrupt JPEG data: premature end of data segment');
  });

  it('become errors with the message of libjpeg when it fails', () => {
    const why = (bytes: Uint8Array) => {
      try {
        return read(bytes).message;
      } catch (error) {
        if (error instanceof HebbError) return error.message;
        throw error;
      }
    };
    expect(why(Buffer.from('GIF89a'))).toContain('Not a JPEG file: starts with 0x47 0x49');
    expect(why(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toContain(
      'JPEG datastream contains no image',
    );
    expect(why(Buffer.alloc(0))).toMatch(/Not a JPEG file|no image/);
  });
});

describe('a separate scan for each component', () => {
  it('counts as missing, unless an end marker follows', async () => {
    const file = await files.progressive;
    const scans = indexesOf(file, Buffer.from([0xff, 0xda]));
    for (const scan of scans.slice(1)) {
      const cut = file.subarray(0, scan);
      expect(read(cut)).toMatchObject({ complete: false, sawEnd: false });
      const ended = read(Buffer.concat([cut, END]));
      expect(ended).toMatchObject({ complete: false, sawEnd: true, pixelWarnings: 0 });
    }
  });
});

describe('arithmetic coding', () => {
  const original = picture(64, 56, 3);

  it.each([
    ['sequential', ARITHMETIC_SEQUENTIAL],
    ['progressive', ARITHMETIC_PROGRESSIVE],
  ])('%s files are decoded, and refused where they are cut', async (_, file) => {
    const result = read(file);
    expect(result).toMatchObject({ width: 64, height: 56, pixelWarnings: 0, complete: true });
    const huffman = read(await encoder(original).jpeg({ quality: 60 }).toBuffer());
    expect(difference(result.pixels, huffman.pixels)).toEqual({ mean: 0, max: 0 });
    for (const missing of [3, 10, 100, 250]) {
      expect(isWhole(read(file.subarray(0, file.length - missing)))).toBe(false);
    }
  });
});

describe('memory', () => {
  it('is the picture, the file and 150 KB, at any reduction', async () => {
    const large = picture(1200, 900);
    const file = await encoder(large).jpeg().toBuffer();
    for (const reduction of [1, 2, 4, 8] as const) {
      const codec = instantiate('jpeg');
      const { pixels } = runLibjpeg(codec, [file], reduction);
      const rest = codec.endBytes() - pixels.length - file.length;
      expect(rest).toBeLessThan(150_000 + (1200 / reduction) * 130);
    }
  });

  it('that is not enough fails the same way every time', async () => {
    const file = await files.progressive;
    for (let maximum = 3; maximum < 8; maximum++) {
      const outcomes = [0, 1].map(() => {
        const memory = new WebAssembly.Memory({ initial: 2, maximum });
        try {
          const codec = instantiate('jpeg', memory);
          return `${runLibjpeg(codec, [file], 1).pixels.length} ${codec.endBytes()}`;
        } catch (error) {
          if (error instanceof HebbError) return error.code;
          throw error;
        }
      });
      expect(outcomes[0]).toBe(outcomes[1]);
      if (maximum === 3) expect(outcomes[0]).toBe('image_too_large');
    }
  });

  it('can be used for the next image after it was zeroed', async () => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 400 });
    const expected: Buffer[] = [];
    for (let round = 0; round < 2; round++) {
      for (const [i, encoded] of Object.values(files).entries()) {
        const codec = instantiate('jpeg', memory);
        const pixels = Buffer.from(runLibjpeg(codec, [await encoded], 1).pixels);
        if (round === 0) expected.push(pixels);
        else expect(Buffer.compare(pixels, expected[i]!)).toBe(0);
        new Uint8Array(memory.buffer, 0, codec.endBytes()).fill(0);
        expect(new Uint8Array(memory.buffer).some((byte) => byte !== 0)).toBe(false);
      }
    }
  });
});

function tryRead(file: Uint8Array): LibjpegPicture | undefined {
  try {
    return read(file);
  } catch (error) {
    if (error instanceof HebbError) return undefined;
    throw error;
  }
}

/** Nine bytes of padding before each segment of tables. */
function withPadding(file: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const at of indexesOf(file, Buffer.from([0xff, 0xc4]))) {
    parts.push(file.subarray(from, at), Buffer.alloc(9));
    from = at;
  }
  return Buffer.concat([...parts, file.subarray(from)]);
}

function indexesOf(file: Buffer, wanted: Buffer): number[] {
  const found: number[] = [];
  for (let at = file.indexOf(wanted); at >= 0; at = file.indexOf(wanted, at + 1)) found.push(at);
  return found;
}
