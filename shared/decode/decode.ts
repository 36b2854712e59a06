/**
 * Any image file to RGB pixels, in an arena of bounded size. The one decoder of the edge, the GPU tier
 * and training.
 * @module
 */
import { orient } from '@hebb/model/preprocess/orient';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import { type ReducedImage, toInput } from '@hebb/model/preprocess/resize';
import type { DecodeArena, Workspace } from './arena.ts';
import { decodeAvif } from './avif/decode.ts';
import { Bytes } from './bytes.ts';
import { jpegColour } from './colour/jpeg.ts';
import { inflateIcc, pngColour } from './colour/png.ts';
import { type ColourTag, colourOf } from './colour/tag.ts';
import { type ColourTransform, toSrgb } from './colour/transform.ts';
import { webpColour } from './colour/webp.ts';
import { decodeGif } from './gif/decode.ts';
import { decodeDc, decodesDc } from './jpeg/progressive-dc.ts';
import { decodeTurbo } from './jpeg/turbo.ts';
import { checkMemory, type DecodePlan, planDecode } from './plan.ts';
import { decodePng } from './png/decode.ts';
import type { Reduction, Target } from './reduce.ts';
import type { ImageFormat, ImageHeader } from './sniff.ts';
import { decodeWebp } from './webp/decode.ts';

export interface DecodeOptions {
  /** One per isolate or thread. */
  readonly arena: DecodeArena;
  /** The resize that follows; the image is decoded no larger than that needs. */
  readonly target: Target;
  /** Overrides the reduction that follows from the target; 1 is the full size. */
  readonly reduction?: Reduction;
}

/** Upright, over white, sRGB of 8 bits; reduced to 1/1, 1/2, 1/4 or 1/8 for `toInput`. */
export interface DecodedImage extends ReducedImage {
  readonly format: ImageFormat;
  /** Size of the file's picture, upright, pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/**
 * Decodes JPEG, PNG, WebP, AVIF, or the first frame of a GIF.
 * Throws `unsupported_format`, `image_too_large` (from the header, before anything is decoded) or
 * `broken_image` (also for truncated files: half a picture is an error), and nothing else for bad input.
 */
export async function decodeImage(file: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  const plan = planDecode(file, options.target, options.reduction);
  return await withDecoded(file, plan, options.arena, (image, colour) => {
    const data = image.data.slice();
    if (colour) toSrgb(data, colour);
    return { ...image, data };
  });
}

/**
 * Decodes a planned file to the network's input: uint8 RGB [crop, crop, 3]. Colours are
 * converted last, on the few remaining pixels. Throws the errors of `decodeImage`.
 */
export async function decodeInput(
  file: Uint8Array,
  plan: DecodePlan,
  arena: DecodeArena,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
): Promise<Uint8Array<ArrayBuffer>> {
  return await withDecoded(file, plan, arena, (image, colour) => {
    const input = toInput(image, preprocessing);
    if (colour) toSrgb(input, colour);
    return input;
  });
}

/** @param use must not keep the image: its pixels, in the file's own colour space, are in the arena */
async function withDecoded<T>(
  file: Uint8Array,
  plan: DecodePlan,
  arena: DecodeArena,
  use: (image: DecodedImage, colour: ColourTransform | undefined) => T,
): Promise<T> {
  checkMemory(plan, arena.maxBytes);
  const { header } = plan;
  const codec = plan.codec && (await arena.load(plan.codec));
  return arena.run(plan.bytes, codec, (workspace) => {
    const tag = findColour(workspace, new Bytes(file), header);
    const colour = tag && colourOf(tag);
    const pixels = decodePixels(workspace, file, plan);
    const image = turn(workspace, pixels, plan);
    const [sourceWidth, sourceHeight] =
      header.orientation >= 5 ? [header.height, header.width] : [header.width, header.height];
    const size = { format: header.format, sourceWidth, sourceHeight };
    return use({ ...image, ...size }, colour);
  });
}

/** The colour space that the file names, if any. Never throws. */
function findColour(workspace: Workspace, file: Bytes, header: ImageHeader): ColourTag | undefined {
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

function decodePixels(
  workspace: Workspace,
  file: Uint8Array,
  { header, reduction }: DecodePlan,
): ReducedImage {
  switch (header.format) {
    case 'jpeg':
      return decodesDc(header, reduction)
        ? decodeDc(workspace, file, header)
        : decodeTurbo(workspace, file, header, reduction);
    case 'png':
      return decodePng(workspace, file, header, reduction);
    case 'webp':
      return decodeWebp(workspace, file, header, reduction);
    case 'avif':
      return decodeAvif(workspace, file, header, reduction);
    case 'gif':
      return decodeGif(workspace, file, header, reduction);
  }
}

function turn(workspace: Workspace, image: ReducedImage, { header }: DecodePlan): ReducedImage {
  if (header.orientation === 1) return image;
  const { byteOffset, length } = image.data;
  const turned = workspace.bytes(length);
  const data = workspace.view(byteOffset, length); // the memory may have grown
  return orient({ ...image, data }, header.orientation, turned);
}
