/**
 * What sharp (libvips, with lcms) shows for the files of the corpus, and the kinds of files of which it
 * shows something else, with the reason.
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
  { layouts: /^png: of gamma 1/, why: 'libvips passes over gAMA, browsers convert by it' },
  { layouts: /^png: EXIF behind the picture/, why: 'libvips reads EXIF before the picture only' },
  {
    layouts: /^gif: a frame inside the screen(, tiny)?$/,
    why: 'libvips paints black around it, browsers leave it clear: over white',
  },
  { layouts: /^gif: a zero between blocks/, why: 'libvips refuses it, browsers show it' },
  {
    layouts: /^avif: premultiplied/,
    why: 'libheif multiplies by alpha once more; Pillow, and the picture itself, are as here',
  },
];

/** The picture, upright, over white, sRGB; nothing where sharp cannot read the file. */
export async function authorityOf(file: Uint8Array): Promise<RgbImage | undefined> {
  const options = { autoOrient: true, failOn: 'error' } as const;
  try {
    const image = sharp(file, options);
    const { space, icc } = await image.metadata();
    // Without a profile libvips takes one of its own; we take the plain formula, as browsers do.
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
