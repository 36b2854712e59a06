/**
 * JPEG by libjpeg-turbo (shared/codecs/jpeg.c), which scales by DCT: only the pixels asked for are
 * ever made.
 * @module
 */
import { cmykToRgb } from '../../model/preprocess/cmyk.ts';
import type { ReducedImage } from '../../model/preprocess/resize.ts';
import type { Workspace } from '../arena.ts';
import { Bytes, broken } from '../bytes.ts';
import { originOf, type Reduction } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { MARKER, nextMarker } from './markers.ts';

/** `jpeg_picture` of jpeg.c: where its fields lie, bytes. */
const FIELD = {
  width: 0,
  height: 4,
  components: 8,
  pixels: 12,
  /** Warnings that mean that pixels are missing or wrong: libjpeg has painted something there. */
  pixelWarnings: 16,
  message: 24,
  /** Every component's coefficients have come, to the last bit (files of several scans). */
  complete: 28,
  endMarker: 32,
} as const;

/**
 * Decodes at 1/reduction of the size. Anything that libjpeg would paint over (a truncated file
 * ends in grey) is `broken_image`. What costs no pixel is not: padding between segments, odd header
 * fields, a missing end marker.
 */
export function decodeTurbo(
  workspace: Workspace,
  file: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): ReducedImage {
  const parts = withoutMetadata(new Bytes(file));
  const input = workspace.copyIn(...parts);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const picture = workspace.call('jpeg_decode', input, length, reduction);
  const field = (name: keyof typeof FIELD) => workspace.u32(picture + FIELD[name]);
  if (field('pixelWarnings') > 0) throw broken(`“${workspace.text(field('message'))}” (libjpeg)`);
  // Without an end marker nothing else tells that a scan is missing.
  if (!field('complete') && !field('endMarker')) throw broken('some of its scans are missing');
  const [width, height, components] = [field('width'), field('height'), field('components')];
  const pixels = workspace.view(field('pixels'), width * height * components);
  // 255 means no ink, as Adobe writes it: so browsers, Pillow and libvips have it, marker or none.
  const data = components === 4 ? cmykToRgb(pixels, true) : pixels;
  return { width, height, data, ...originOf(header, reduction) };
}

/**
 * The file as libjpeg needs it: what stands before the first scan without metadata, which may be large
 * (thumbnails, profiles, depth maps) or damaged, then the rest as it is.
 */
function withoutMetadata(file: Bytes): Uint8Array[] {
  const parts = [file.slice(0, 2)];
  for (let at = 2; ; ) {
    const segment = nextMarker(file, at);
    if (segment.marker === MARKER.SOS) return [...parts, file.data.subarray(segment.at)];
    if (!MARKER.isMetadata(segment.marker) || tellsColour(segment.marker)) {
      parts.push(file.data.subarray(segment.at, segment.end));
    }
    at = segment.end;
  }
}

/** JFIF's and Adobe's segments, from which libjpeg tells what the components mean. */
const tellsColour = (marker: number) => marker === MARKER.APP0 || marker === MARKER.APP14;
