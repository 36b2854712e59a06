/**
 * Decodes HEIC, the photo format of iPhones: the primary image of a HEIF file, usually HEVC, with libheif.
 * @module
 */
import { broken } from '@hebb/decode/bytes';
import { type ColourTag, colourOf } from '@hebb/decode/colour/tag';
import type { ColourTransform } from '@hebb/decode/colour/transform';
import { overWhite } from '@hebb/decode/pixels';
import { checkMemory, checkPixels, MAX_PIXELS } from '@hebb/decode/plan';
import { BoxReducer, chooseReduction, type Reduction, type Target } from '@hebb/decode/reduce';
import type { ReducedImage } from '@hebb/model/preprocess/resize';
import { HeifLibrary } from './library.ts';
import { checkStill } from './still.ts';

/** Constants of heif_image.h. */
const COLORSPACE_RGB = 1;
const CHROMA = { rgb: 10, rgba: 11 } as const;
const CHANNEL_INTERLEAVED = 10;

/** Byte offsets of fields in `heif_decoding_options` (heif_decoding.h). */
const OPTION = { to8Bits: 20, strict: 21 } as const;

/** Byte offsets of fields in `heif_color_profile_nclx` (heif_color.h). */
const NCLX = { primaries: 4, transfer: 8 } as const;

export interface HeicImage {
  /** Upright, over white, 8 bits, in the file's own colour space. */
  readonly image: ReducedImage;
  readonly colour: ColourTransform | undefined;
  /** Size of the file's picture, upright, pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/**
 * Decodes the primary image. libheif rotates and crops it as the file says ('irot', 'imir', 'clap'); HEIF ignores the
 * orientation in EXIF.
 * Throws `unsupported_format` (a sequence without a still, another codec), `image_too_large` (from the header, before
 * decoding) or `broken_image`.
 * @param limitBytes memory limit of decoding
 */
export async function decodeHeic(
  file: Uint8Array,
  options: { target: Target; reduction?: Reduction | undefined; limitBytes: number },
): Promise<HeicImage> {
  checkStill(file);
  const library = await HeifLibrary.open();
  const context = library.get('_heif_context_alloc');
  library.get('_heif_context_set_maximum_image_size_limit', context, Math.sqrt(MAX_PIXELS));
  const input = library.copyIn(file);
  library.do('_heif_context_read_from_memory', context, input, file.length, 0);
  const handle = library.find('_heif_context_get_primary_image_handle', context);

  const width = library.get('_heif_image_handle_get_width', handle);
  const height = library.get('_heif_image_handle_get_height', handle);
  checkPixels({ width, height });
  const hasAlpha = library.get('_heif_image_handle_has_alpha_channel', handle) !== 0;
  const bytes = memoryOf(library, handle, file.length, hasAlpha);
  checkMemory({ header: { format: 'heic', width, height }, bytes }, options.limitBytes);

  const picture = decodePicture(library, handle, hasAlpha ? CHROMA.rgba : CHROMA.rgb);
  const reduction = options.reduction ?? chooseReduction(width, height, options.target);
  const premultiplied = library.get('_heif_image_handle_is_premultiplied_alpha', handle) !== 0;
  const alpha = hasAlpha ? (premultiplied ? 'premultiplied' : 'straight') : undefined;
  return {
    image: reduce(library, picture, { width, height, alpha, reduction }),
    colour: findColour(library, handle),
    sourceWidth: width,
    sourceHeight: height,
  };
}

/**
 * Upper bound of the peak memory: a copy of the frame, or the rotated one, beside the RGB(A). Measured per pixel: 3
 * to 7 bytes for 8 bits, 12 for more, 9 with alpha.
 */
function memoryOf(library: HeifLibrary, handle: number, fileBytes: number, alpha: boolean): number {
  const width = library.get('_heif_image_handle_get_width', handle);
  const height = library.get('_heif_image_handle_get_height', handle);
  const deep = library.get('_heif_image_handle_get_luma_bits_per_pixel', handle) > 8;
  return 17e6 + fileBytes + width * height * ((deep ? 14 : 8) + (alpha ? 3 : 0));
}

function decodePicture(library: HeifLibrary, handle: number, chroma: number): number {
  const options = library.get('_heif_decoding_options_alloc');
  const { to8Bits, strict } = OPTION;
  for (const option of [to8Bits, strict]) library.view(options + option, 1)[0] = 1;
  const out = library.allocate(4);
  library.do('_heif_decode_image', handle, out, COLORSPACE_RGB, chroma, options);
  return library.u32(out);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly alpha: 'straight' | 'premultiplied' | undefined;
  readonly reduction: Reduction;
}

function reduce(library: HeifLibrary, picture: number, of: Picture): ReducedImage {
  const { width, height, alpha, reduction } = of;
  const decoded = [
    library.get('_heif_image_get_width', picture, CHANNEL_INTERLEAVED),
    library.get('_heif_image_get_height', picture, CHANNEL_INTERLEAVED),
  ];
  if (decoded[0] !== width || decoded[1] !== height) {
    throw broken('its picture has another size than its header');
  }
  const out = library.allocate(4);
  const plane = library.get('_heif_image_get_plane_readonly', picture, CHANNEL_INTERLEAVED, out);
  const stride = library.u32(out);
  const reducer = new BoxReducer(width, height, reduction);
  const flat = new Uint8Array(width * 3);
  for (let y = 0; y < height; y++) {
    const row = library.view(plane + y * stride, width * (alpha ? 4 : 3));
    if (alpha) flatten(row, flat, alpha === 'premultiplied');
    reducer.add(alpha ? flat : row, width, y);
  }
  return reducer.finish();
}

/** RGBA over white. */
function flatten(rgba: Uint8Array, rgb: Uint8Array, premultiplied: boolean): void {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const colour = rgba[from + channel]!;
      rgb[to + channel] = premultiplied
        ? Math.min(255, colour + 255 - alpha)
        : overWhite(colour, alpha);
    }
  }
}

/** The colours of the 'colr' box of the primary item. Invalid metadata are ignored. */
function findColour(library: HeifLibrary, handle: number): ColourTransform | undefined {
  try {
    const tag = findTag(library, handle);
    return tag && colourOf(tag);
  } catch {
    return undefined;
  }
}

function findTag(library: HeifLibrary, handle: number): ColourTag | undefined {
  switch (library.get('_heif_image_handle_get_color_profile_type', handle)) {
    case fourcc('prof'):
    case fourcc('rICC'): {
      const bytes = library.get('_heif_image_handle_get_raw_color_profile_size', handle);
      const address = library.allocate(bytes);
      library.do('_heif_image_handle_get_raw_color_profile', handle, address);
      return { kind: 'icc', profile: library.view(address, bytes), grey: false };
    }
    case fourcc('nclx'): {
      const nclx = library.find('_heif_image_handle_get_nclx_color_profile', handle);
      const primaries = library.u32(nclx + NCLX.primaries);
      const transfer = library.u32(nclx + NCLX.transfer);
      return { kind: 'cicp', primaries, transfer };
    }
    default:
      return undefined;
  }
}

const fourcc = (text: string): number =>
  [...text].reduce((code, character) => code * 256 + character.charCodeAt(0), 0);
