/**
 * The colour space that a file names, and its transform to sRGB.
 * @module
 */
import { cicpTransform } from './cicp.ts';
import { powerCurve } from './curve.ts';
import { iccTransform } from './icc.ts';
import { multiply } from './matrix.ts';
import { PCS_TO_SRGB, type Primaries, SRGB_PRIMARIES, toPcs } from './primaries.ts';
import { type ColourTransform, makeTransform } from './transform.ts';

export interface IccTag {
  readonly kind: 'icc';
  readonly profile: Uint8Array;
  /** Whether the picture has one component. */
  readonly grey: boolean;
}

export interface CicpTag {
  readonly kind: 'cicp';
  /** Code points of ITU-T H.273. */
  readonly primaries: number;
  readonly transfer: number;
}

/** PNG's gAMA and cHRM. */
export interface GammaTag {
  readonly kind: 'gamma';
  /** Stored value to linear light. */
  readonly exponent: number;
  /** By default sRGB's. */
  readonly primaries?: Primaries;
}

export type ColourTag = IccTag | CicpTag | GammaTag;

/** The transform to sRGB; undefined if the picture needs none. Never throws. */
export function colourOf(tag: ColourTag): ColourTransform | undefined {
  switch (tag.kind) {
    case 'icc':
      return iccTransform(tag.profile, tag.grey);
    case 'cicp':
      return cicpTransform(tag.primaries, tag.transfer);
    case 'gamma':
      return gammaTransform(tag.exponent, tag.primaries);
  }
}

/** Plausible exponents. Faulty encoders and puzzle pictures have others. */
const MIN_EXPONENT = 0.5;
const MAX_EXPONENT = 4;

/**
 * @param exponent stored value to linear light: 1 / gAMA
 * @param primaries by default sRGB's, like in Chromium
 */
function gammaTransform(
  exponent: number,
  primaries: Primaries = SRGB_PRIMARIES,
): ColourTransform | undefined {
  if (!(exponent >= MIN_EXPONENT && exponent <= MAX_EXPONENT)) return undefined;
  if (Math.abs(exponent - 2.2) < 0.03 && isSrgb(primaries)) return undefined;
  const curve = powerCurve(exponent);
  return makeTransform([curve, curve, curve], multiply(PCS_TO_SRGB, toPcs(primaries)));
}

/**
 * sRGB's primaries with an exponent of 2.2 mean sRGB, for readers that do not know the chunk sRGB (PNG,
 * third edition, 11.3.2.5), and old encoders wrote only that. Taken literally it would darken the
 * shadows by up to 7 levels.
 */
function isSrgb(primaries: Primaries): boolean {
  return (['white', 'red', 'green', 'blue'] as const).every((name) =>
    primaries[name].every((value, i) => Math.abs(value - SRGB_PRIMARIES[name][i]!) < 0.002),
  );
}
