/**
 * Writes ICC profiles, with a matrix and tone curves or for grey, which sharp's encoder cannot do.
 * @module
 */

/** `curv`: `[]` is the identity, `[n]` a gamma, more values a table (0..65535). `para`: function type and parameters. */
export type TestCurve =
  | { readonly curv: readonly number[] }
  | { readonly para: readonly [type: number, ...numbers: number[]] };

export interface TestProfile {
  readonly version?: 2 | 4;
  /** XYZ of red, green and blue under D50; absent for a grey profile. */
  readonly colourants?: readonly (readonly number[])[];
  /** One for all channels, or one for each. */
  readonly curves: readonly TestCurve[];
  /** Additional tags, verbatim. */
  readonly tags?: Readonly<Record<string, Buffer>>;
  /** Overwrites characters at offsets of the header. */
  readonly header?: Readonly<Record<number, string>>;
}

export function writeProfile(profile: TestProfile): Buffer {
  const { version = 4, colourants, curves, tags = {}, header = {} } = profile;
  const all: [string, Buffer][] = [
    ['desc', version === 4 ? localised('test') : described('test')],
    ['cprt', version === 4 ? localised('none') : Buffer.from('text\0\0\0\0none\0')],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ...Object.entries(tags),
  ];
  for (const [i, colourant] of colourants?.entries() ?? []) {
    all.push(
      [`${'rgb'[i]}XYZ`, xyz(colourant)],
      [`${'rgb'[i]}TRC`, curve(curves[i] ?? curves[0]!)],
    );
  }
  if (!colourants) all.push(['kTRC', curve(curves[0]!)]);
  const head = Buffer.alloc(132 + all.length * 12);
  head.write('mntr', 12);
  head.write(colourants ? 'RGB ' : 'GRAY', 16);
  head.write('XYZ ', 20);
  head.write('acsp', 36);
  head[8] = version;
  [0.9642, 1, 0.8249].forEach((value, i) => {
    head.writeInt32BE(fixed(value), 68 + i * 4);
  });
  head.writeUInt32BE(all.length, 128);
  let at = head.length;
  const bodies = all.map(([name, data], i) => {
    head.write(name, 132 + i * 12, 'latin1');
    head.writeUInt32BE(at, 136 + i * 12);
    head.writeUInt32BE(data.length, 140 + i * 12);
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    at += padded.length;
    return padded;
  });
  head.writeUInt32BE(at, 0);
  for (const [offset, text] of Object.entries(header)) head.write(text, Number(offset), 'latin1');
  return Buffer.concat([head, ...bodies]);
}

const fixed = (value: number) => Math.round(value * 65_536);

function numbers(type: string, values: readonly number[]): Buffer {
  const data = Buffer.alloc(8 + values.length * 4);
  data.write(type);
  values.forEach((value, i) => {
    data.writeInt32BE(fixed(value), 8 + i * 4);
  });
  return data;
}

const xyz = (values: readonly number[]) => numbers('XYZ ', values);

function curve(of: TestCurve): Buffer {
  if ('para' in of) {
    const [type, ...values] = of.para;
    const data = numbers('para', [0, ...values]);
    data.writeUInt16BE(type, 8);
    data.writeUInt16BE(0, 10);
    return data;
  }
  const data = Buffer.alloc(12 + of.curv.length * 2);
  data.write('curv');
  data.writeUInt32BE(of.curv.length, 8);
  of.curv.forEach((value, i) => {
    data.writeUInt16BE(of.curv.length === 1 ? Math.round(value * 256) : value, 12 + i * 2);
  });
  return data;
}

/** A text of version 4, in one language. */
function localised(text: string): Buffer {
  const data = Buffer.alloc(28 + text.length * 2);
  data.write('mluc');
  data.writeUInt32BE(1, 8);
  data.writeUInt32BE(12, 12);
  data.write('enUS', 16);
  data.writeUInt32BE(text.length * 2, 20);
  data.writeUInt32BE(28, 24);
  [...text].forEach((letter, i) => {
    data.writeUInt16BE(letter.charCodeAt(0), 28 + i * 2);
  });
  return data;
}

/** A description of version 2: ASCII, without Unicode and Macintosh script. */
function described(text: string): Buffer {
  const data = Buffer.alloc(12 + text.length + 1 + 78);
  data.write('desc');
  data.writeUInt32BE(text.length + 1, 8);
  data.write(text, 12);
  return data;
}
