/**
 * Decodes the files of the corpus with sharp (libvips, with lcms) for comparison, and lists the layouts where
 * its result differs from ours, with the reason.
 * @module
 */

import { cmykToRgb, type RgbImage } from '@hebb/model';
import sharp from 'sharp';

export interface Disagreement {
  readonly layouts: RegExp;
  readonly why: string;
}

export const DISAGREEMENTS: readonly Disagreement[] = [
  { layouts: /^jpeg: .*no end marker/, why: 'libvips refuses it, browsers show it' },
  { layouts: /^png: of gamma 1/, why: 'libvips ignores gAMA, browsers apply it' },
  { layouts: /^png: EXIF behind the picture/, why: 'libvips reads EXIF only before the picture' },
  {
    layouts: /^gif: a frame inside the screen(, tiny)?$/,
    why: 'libvips fills the surroundings with black, browsers leave them transparent (here: white)',
  },
  { layouts: /^gif: a zero between blocks/, why: 'libvips refuses it, browsers show it' },
  {
    layouts: /^avif: premultiplied/,
    why: 'libheif multiplies by alpha once more; Pillow agrees with us',
  },
];

/** The picture by sharp: upright, over white, in sRGB. Undefined if sharp cannot read the file. */
export async function authorityOf(file: Uint8Array): Promise<RgbImage | undefined> {
  const options = { autoOrient: true, failOn: 'error' } as const;
  try {
    const image = sharp(file, options);
    const { space, icc } = await image.metadata();
    // Without a profile libvips uses a built-in one; we use the plain formula, as browsers do.
    const inks = space === 'cmyk' && !icc;
    const picture = inks
      ? sharp(file, { ...options, ignoreIcc: true })
          .pipelineColourspace('cmyk')
          .toColourspace('cmyk')
      : image.flatten({ background: 'white' }).toColourspace('srgb');
    const { data, info } = await picture
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = inks ? cmykToRgb(data, false) : data;
    return { width: info.width, height: info.height, data: pixels };
  } catch {
    return undefined;
  }
}
