/**
 * ICC profiles of RGB spaces with a matrix and three tone curves, and of grey ones with a tone curve
 * (ICC.1:2022, 8.3 to 8.5; versions 2 and 4). Cameras, phones and screens use these kinds.
 * @module
 */
import { Bytes } from '../bytes.ts';
import { isHdr } from './cicp.ts';
import { type Curve, linearCurve, powerCurve } from './curve.ts';
import { diagonal, fromColumns, multiply, type Vector } from './matrix.ts';
import { PCS_TO_SRGB } from './primaries.ts';
import { type ColourTransform, makeTransform } from './transform.ts';

/** Larger profiles are ignored. Matrix profiles have 0.5 to 10 kB; large ones contain printers' tables. */
export const MAX_PROFILE_BYTES = 1_000_000;

/** Most tags that are read; lcms has the same limit. */
const MAX_TAGS = 100;

/** Input, display and output devices, and colour spaces. The other classes describe no pictures. */
const CLASSES = ['scnr', 'mntr', 'prtr', 'spac'];

/**
 * The profile's transform. Undefined for sRGB itself, other kinds of profile (tables, CMYK,
 * Lab), damaged profiles, and one that does not fit the picture. A bad profile never makes an image unreadable.
 * @param grey whether the picture has one component; an RGB profile fits that too, by its curves
 */
export function iccTransform(profile: Uint8Array, grey: boolean): ColourTransform | undefined {
  if (profile.length > MAX_PROFILE_BYTES) return undefined;
  try {
    return readProfile(new Bytes(profile), grey);
  } catch {
    return undefined;
  }
}

function readProfile(file: Bytes, grey: boolean): ColourTransform | undefined {
  const isKnown = file.startsWith('acsp', 36) && file.u8(8) <= 4;
  if (!isKnown || !CLASSES.includes(file.ascii(12, 4)) || !file.startsWith('XYZ ', 20)) return;
  const tags = readTags(file);
  const cicp = tags.get('cicp');
  if (cicp !== undefined && isHdr(file.u8(cicp + 9))) return;
  const space = file.ascii(16, 4);
  if (space === 'RGB ') return rgbTransform(file, tags);
  if (space === 'GRAY' && grey) return greyTransform(file, tags);
  return;
}

/** Where the data of each tag begin (7.3). */
type Tags = ReadonlyMap<string, number>;

function readTags(file: Bytes): Tags {
  const count = Math.min(file.u32(128), MAX_TAGS);
  const entries = Array.from({ length: count }, (_, i) => 132 + i * 12);
  return new Map(entries.map((at) => [file.ascii(at, 4), file.u32(at + 4)]));
}

function rgbTransform(file: Bytes, tags: Tags): ColourTransform | undefined {
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((tag) => readXyz(file, tags.get(tag)));
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((tag) => readCurve(file, tags.get(tag)));
  const [red, green, blue] = columns;
  const [redCurve, greenCurve, blueCurve] = curves;
  if (!red || !green || !blue || !redCurve || !greenCurve || !blueCurve) return;
  const matrix = multiply(PCS_TO_SRGB, fromColumns(red, green, blue));
  return makeTransform([redCurve, greenCurve, blueCurve], matrix);
}

function greyTransform(file: Bytes, tags: Tags): ColourTransform | undefined {
  const curve = readCurve(file, tags.get('kTRC'));
  return curve && makeTransform([curve, curve, curve], diagonal([1, 1, 1]));
}

/** 10.31: one XYZ value. */
function readXyz(file: Bytes, at: number | undefined): Vector | undefined {
  if (at === undefined || !file.startsWith('XYZ ', at)) return;
  return [fixed(file, at + 8), fixed(file, at + 12), fixed(file, at + 16)];
}

/** s15Fixed16Number (4.6). */
const fixed = (file: Bytes, at: number): number => (file.u32(at) | 0) / 65_536;

function readCurve(file: Bytes, at: number | undefined): Curve | undefined {
  if (at === undefined) return;
  if (file.startsWith('curv', at)) return sampledCurve(file, at);
  if (file.startsWith('para', at)) return parametricCurve(file, at);
  return;
}

/** 10.6: nothing (the identity), an exponent in 8.8 bits, or a table at even distances. */
function sampledCurve(file: Bytes, at: number): Curve {
  const count = file.u32(at + 8);
  if (count === 0) return linearCurve;
  if (count === 1) return powerCurve(file.u16(at + 12) / 256);
  const table = new Bytes(file.slice(at + 12, count * 2));
  return (value) => {
    const place = value * (count - 1);
    const before = Math.min(Math.floor(place), count - 2);
    const [low, high] = [table.u16(before * 2), table.u16(before * 2 + 2)];
    return (low + (high - low) * (place - before)) / 65_535;
  };
}

/** Parameters of each function type (10.18, table 68). */
const PARAMETERS = [1, 3, 4, 5, 7];

function parametricCurve(file: Bytes, at: number): Curve | undefined {
  const type = file.u16(at + 8);
  const count = PARAMETERS[type];
  if (count === undefined) return;
  const numbers = Array.from({ length: count }, (_, i) => fixed(file, at + 12 + i * 4));
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers as [number, ...number[]];
  const power = (x: number) => (x <= 0 ? 0 : x ** g);
  switch (type) {
    case 0:
      return powerCurve(g);
    case 1:
      return (x) => (x >= -b / a ? power(a * x + b) : 0);
    case 2:
      return (x) => (x >= -b / a ? power(a * x + b) + c : c);
    case 3:
      return (x) => (x >= d ? power(a * x + b) : c * x);
    default:
      return (x) => (x >= d ? power(a * x + b) + e : c * x + f);
  }
}
