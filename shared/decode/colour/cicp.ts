/**
 * Coding-independent code points (ITU-T H.273): colour in AVIF's nclx and PNG's cICP.
 * @module
 */
import { type Curve, linearCurve, powerCurve, smpte240Curve, srgbCurve } from './curve.ts';
import { multiply } from './matrix.ts';
import { D65, PCS_TO_SRGB, type Primaries, SRGB_PRIMARIES, toPcs } from './primaries.ts';
import { type ColourTransform, makeTransform } from './transform.ts';

const BT601_525: Primaries = {
  white: D65,
  red: [0.63, 0.34],
  green: [0.31, 0.595],
  blue: [0.155, 0.07],
};

/** H.273, table 2; 2 is "unspecified", for which sRGB is assumed. */
const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: SRGB_PRIMARIES,
  2: SRGB_PRIMARIES,
  4: { white: [0.31, 0.316], red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08] },
  5: { white: D65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] },
  6: BT601_525,
  7: BT601_525,
  9: { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  11: { white: [0.314, 0.351], red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
  12: { white: D65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
  22: { white: D65, red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077] },
};

/**
 * H.273, table 3. The video curves (1, 6, 14, 15) are read as sRGB's, like Chromium does in AVIF: they
 * describe a camera, not a screen, and still pictures with these numbers come from encoders that got
 * sRGB and wrote the usual numbers of video. libheif, and sharp with it, ignores code points.
 */
const CURVES: Readonly<Record<number, Curve>> = {
  1: srgbCurve,
  2: srgbCurve,
  4: powerCurve(2.2),
  5: powerCurve(2.8),
  6: srgbCurve,
  7: smpte240Curve,
  8: linearCurve,
  13: srgbCurve,
  14: srgbCurve,
  15: srgbCurve,
};

/** PQ and HLG: brighter than white, which needs tone mapping. */
export const isHdr = (transfer: number): boolean => transfer === 16 || transfer === 18;

/** Undefined if no conversion is needed or possible: sRGB, PQ and HLG, and unknown numbers. */
export function cicpTransform(primaries: number, transfer: number): ColourTransform | undefined {
  const space = PRIMARIES[primaries];
  const curve = CURVES[transfer];
  if (!space || !curve) return undefined;
  return makeTransform([curve, curve, curve], multiply(PCS_TO_SRGB, toPcs(space)));
}
