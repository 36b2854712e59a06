/**
 * The colour space that an image file names.
 * @module
 */
import type { Workspace } from '../arena.ts';
import { Bytes } from '../bytes.ts';
import type { ImageHeader } from '../header.ts';
import { jpegColour } from './jpeg.ts';
import { inflateIcc, pngColour } from './png.ts';
import { type ColourTag, colourOf } from './tag.ts';
import type { ColourTransform } from './transform.ts';
import { webpColour } from './webp.ts';

/** How to make sRGB of the picture; undefined where it can stay as it is. Never throws. */
export function findColour(
  workspace: Workspace,
  file: Uint8Array,
  header: ImageHeader,
): ColourTransform | undefined {
  const tag = findTag(workspace, new Bytes(file), header);
  return tag && colourOf(tag);
}

function findTag(workspace: Workspace, file: Bytes, header: ImageHeader): ColourTag | undefined {
  switch (header.format) {
    case 'jpeg':
      return jpegColour(file);
    case 'png': {
      const tag = pngColour(file);
      return tag?.kind === 'deflated-icc' ? inflateIcc(workspace, tag) : tag;
    }
    case 'webp':
      return webpColour(file);
    case 'avif':
      return header.colour;
    case 'gif':
      return undefined;
  }
}
