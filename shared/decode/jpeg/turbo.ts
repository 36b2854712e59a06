/**
 * Decodes JPEG with libjpeg-turbo (shared/decode/codecs/jpeg.c), which scales by DCT: it makes only the pixels of the
 * reduced picture.
 * @module
 */

import { cmykToRgb } from '@hebb/model/preprocess/cmyk';
import type { ReducedImage } from '@hebb/model/preprocess/resize';
import type { Workspace } from '../arena.ts';
import { Bytes, broken } from '../bytes.ts';
import type { CodecInstance } from '../codecs/instance.ts';
import { originOf, type Reduction, reducedSize } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { MARKER, nextMarker } from './markers.ts';

/** Byte offsets of the fields of `jpeg_picture` in jpeg.c. */
const FIELD = {
  width: 0,
  height: 4,
  components: 8,
  pixels: 12,
  pixelWarnings: 16,
  harmlessWarnings: 20,
  message: 24,
  complete: 28,
  sawEnd: 32,
} as const;

/** Tables and stack of the codec's module, bytes; measured, like the other constants here. */
const MODULE_BYTES = 120_000;

/** Bytes that `decodeTurbo` takes at this reduction, the picture included. */
export function turboMemory(header: JpegHeader, fileBytes: number, reduction: Reduction): number {
  const { width, height, components, singleScan } = header;
  const output = reducedSize(width, height, reduction);
  const picture = output.width * output.height * (components.length === 4 ? 4 : 3); // CMYK or RGB
  const strips = output.width * 64; // the rows of MCUs that libjpeg works on
  const whole = singleScan ? 0 : coefficients(header);
  return MODULE_BYTES + fileBytes + picture + strips + whole;
}

/** All coefficients of the picture, 16 bits each: files of several scans need them at once. */
function coefficients({ width, height, components }: JpegHeader): number {
  const maxH = Math.max(...components.map((c) => c.horizontal));
  const maxV = Math.max(...components.map((c) => c.vertical));
  const mcus = Math.ceil(width / (8 * maxH)) * Math.ceil(height / (8 * maxV));
  const blocks = components.reduce((sum, c) => sum + c.horizontal * c.vertical, 0);
  return mcus * blocks * 128;
}

/** libjpeg's result. */
export interface LibjpegPicture {
  readonly width: number;
  readonly height: number;
  /** 3: RGB; 4: CMYK as stored, with YCCK converted to it. */
  readonly components: number;
  /** On the codec's memory. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Warnings about missing or wrong pixels, which libjpeg has filled in. */
  readonly pixelWarnings: number;
  /** Warnings that affect no pixel: padding between segments, odd header fields. */
  readonly harmlessWarnings: number;
  /** libjpeg's text of the last warning about pixels; empty if there was none. */
  readonly message: string;
  /** All coefficients of all components were read completely (files of several scans). */
  readonly complete: boolean;
  /** The end marker is there. */
  readonly sawEnd: boolean;
}

/**
 * Decodes at 1/reduction of the size. Where libjpeg would fill in pixels (a truncated file
 * ends in grey), it throws `broken_image`. Faults that affect no pixel are accepted: padding between segments,
 * odd header fields, a missing end marker.
 */
export function decodeTurbo(
  workspace: Workspace,
  file: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): ReducedImage {
  const { pixels, ...picture } = runLibjpeg(workspace, withoutMetadata(new Bytes(file)), reduction);
  if (picture.pixelWarnings > 0) throw broken(`“${picture.message}” (libjpeg)`);
  // With an end marker, missing coefficients were the encoder's choice.
  if (!picture.complete && !picture.sawEnd) throw broken('some of its scans are missing');
  const { width, height, components } = picture;
  // 255 means no ink, as Adobe writes it. Browsers, Pillow and libvips assume that even without the marker.
  const data = components === 4 ? cmykToRgb(pixels, true) : pixels;
  return { width, height, data, ...originOf(header, reduction) };
}

/** Runs a fresh instance on the file, which lies in several parts. */
export function runLibjpeg(
  codec: CodecInstance,
  parts: readonly Uint8Array[],
  reduction: Reduction,
): LibjpegPicture {
  const input = codec.copyIn(...parts);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const picture = codec.call('jpeg_decode', input, length, reduction);
  const field = (name: keyof typeof FIELD) => codec.u32(picture + FIELD[name]);
  const [width, height, components] = [field('width'), field('height'), field('components')];
  return {
    width,
    height,
    components,
    pixels: codec.view(field('pixels'), width * height * components),
    pixelWarnings: field('pixelWarnings'),
    harmlessWarnings: field('harmlessWarnings'),
    message: codec.text(field('message')),
    complete: field('complete') !== 0,
    sawEnd: field('sawEnd') !== 0,
  };
}

/**
 * The file for libjpeg: without the metadata before the first scan, which may be large
 * (thumbnails, profiles, depth maps) or damaged; the rest is unchanged.
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

/** JFIF's and Adobe's segments, which tell libjpeg the meaning of the components. */
const tellsColour = (marker: number) => marker === MARKER.APP0 || marker === MARKER.APP14;
