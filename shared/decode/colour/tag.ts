/**
 * What a file says about its colours, and what follows from it.
 * @module
 */
import { cicpTransform } from './cicp.ts';
import { gammaTransform } from './gamma.ts';
import { iccTransform } from './icc.ts';
import type { Primaries } from './primaries.ts';
import type { ColourTransform } from './transform.ts';

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

export interface GammaTag {
  readonly kind: 'gamma';
  /** Stored value to linear light. */
  readonly exponent: number;
  /** None: sRGB's. */
  readonly primaries?: Primaries;
}

export type ColourTag = IccTag | CicpTag | GammaTag;

/** How to make sRGB of the picture; undefined where it can stay as it is. Never throws. */
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
