/**
 * JPEG header: ITU-T T.81 (markers, frame header) and what JFIF, Adobe and EXIF add.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { type Bytes, broken } from '../bytes.ts';
import { EXIF_PREFIX, exifOrientation, firstExif } from '../exif.ts';
import type { HeaderBase } from '../header.ts';
import { MARKER, nextMarker } from './markers.ts';
import { endsWithMarker } from './scans.ts';

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1 to 4, relative to the largest in the frame. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantTable: number;
}

export type JpegColour = 'grey' | 'ycc' | 'rgb' | 'cmyk' | 'ycck';

export interface JpegHeader extends HeaderBase {
  readonly format: 'jpeg';
  readonly progressive: boolean;
  /** Arithmetic coding (rare) instead of Huffman coding. */
  readonly arithmetic: boolean;
  /** The first scan contains every component completely (baseline, as cameras write it). */
  readonly singleScan: boolean;
  /** An end marker closes the file; true if a single scan makes it unimportant. */
  readonly ended: boolean;
  readonly components: readonly JpegComponent[];
  readonly colour: JpegColour;
}

export const isJpeg = (file: Bytes): boolean => file.startsWith('\xff\xd8');

/** Reads up to the first scan. Throws `unsupported_format` for rare coding processes. */
export function jpegHeader(file: Bytes): JpegHeader {
  let frame: Frame | undefined;
  let jfif = false;
  let adobeTransform: number | undefined;
  const exif: Uint8Array[] = [];
  for (let at = 2; ; ) {
    const { marker, at: start, body, end } = nextMarker(file, at);
    if (marker === MARKER.EOI) throw broken('it has no picture data');
    if (marker === MARKER.SOS) {
      if (!frame) throw broken('its picture data come before the frame header');
      const { components } = frame;
      const colour = colourOf(components, jfif, adobeTransform);
      const singleScan = !frame.progressive && file.u8(body) === components.length;
      const block = firstExif(exif);
      const orientation = block ? exifOrientation(block) : 1;
      const ended = singleScan || endsWithMarker(file, start);
      return { format: 'jpeg', ...frame, singleScan, ended, colour, orientation };
    }
    if (MARKER.isFrame(marker)) frame = readFrame(file, marker, body);
    else if (marker === MARKER.APP0) jfif ||= file.startsWith('JFIF\0', body);
    else if (marker === MARKER.APP14 && file.startsWith('Adobe', body)) {
      adobeTransform = file.u8(body + 11);
    } else if (marker === MARKER.APP1 && file.startsWith(EXIF_PREFIX, body)) {
      exif.push(file.data.subarray(body + EXIF_PREFIX.length, end));
    }
    at = end;
  }
}

type Frame = Pick<JpegHeader, 'width' | 'height' | 'progressive' | 'arithmetic' | 'components'>;

function readFrame(file: Bytes, marker: number, body: number): Frame {
  const process = MARKER.unsupportedProcess(marker);
  const bits = file.u8(body);
  if (process || bits !== 8) {
    throw new HebbError('unsupported_format', `This JPEG is ${process ?? `of ${bits} bits`}.`, {
      hint: 'Save it as a baseline or progressive JPEG of 8 bits.',
    });
  }
  const height = file.u16(body + 1);
  const width = file.u16(body + 3);
  const count = file.u8(body + 5);
  if (width === 0 || height === 0) throw broken(`its size is ${width}×${height}`);
  if (![1, 3, 4].includes(count)) throw broken(`it has ${count} colour components`);
  const components = Array.from({ length: count }, (_, i) => readComponent(file, body + 6 + i * 3));
  const progressive = marker === MARKER.SOF2 || marker === MARKER.SOF10;
  const arithmetic = marker === MARKER.SOF9 || marker === MARKER.SOF10;
  return { width, height, progressive, arithmetic, components };
}

function readComponent(file: Bytes, at: number): JpegComponent {
  const sampling = file.u8(at + 1);
  const horizontal = sampling >> 4;
  const vertical = sampling & 15;
  if (Math.min(horizontal, vertical) < 1 || Math.max(horizontal, vertical) > 4) {
    throw broken(`a component is sampled ${horizontal}×${vertical}`);
  }
  return { id: file.u8(at), horizontal, vertical, quantTable: file.u8(at + 2) };
}

/** The rules of libjpeg (jdapimin.c, default_decompress_parms). */
function colourOf(
  components: readonly JpegComponent[],
  jfif: boolean,
  adobeTransform: number | undefined,
): JpegColour {
  if (components.length === 1) return 'grey';
  if (components.length === 4) return adobeTransform === 2 ? 'ycck' : 'cmyk';
  if (jfif) return 'ycc';
  if (adobeTransform !== undefined) return adobeTransform === 0 ? 'rgb' : 'ycc';
  return String.fromCharCode(...components.map(({ id }) => id)) === 'RGB' ? 'rgb' : 'ycc';
}
