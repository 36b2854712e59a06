/**
 * JPEG header: ITU-T T.81 (markers, frame header) and what JFIF, Adobe and EXIF add.
 * @module
 */
import { HebbError, type Orientation } from '../../model/index.ts';
import { type Bytes, broken } from '../bytes.ts';
import { exifOrientation } from '../exif.ts';
import type { HeaderBase } from '../header.ts';
import { MARKER, nextMarker } from './markers.ts';

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
  /** The first scan holds every component and all of it (baseline as cameras write it). */
  readonly singleScan: boolean;
  readonly components: readonly JpegComponent[];
  readonly colour: JpegColour;
  /** Adobe's CMYK: 255 means no ink. */
  readonly invertedInks: boolean;
}

export const isJpeg = (file: Bytes): boolean => file.startsWith('\xff\xd8');

/** Reads up to the first scan. Throws `unsupported_format` for the processes that few decode. */
export function jpegHeader(file: Bytes): JpegHeader {
  let frame: Frame | undefined;
  let jfif = false;
  let adobeTransform: number | undefined;
  let orientation: Orientation = 1;
  for (let at = 2; ; ) {
    const { marker, body, end } = nextMarker(file, at);
    if (marker === MARKER.EOI) throw broken('it has no picture data');
    if (marker === MARKER.SOS) {
      if (!frame) throw broken('its picture data come before the frame header');
      const { components } = frame;
      const colour = colourOf(components, jfif, adobeTransform);
      const singleScan = !frame.progressive && file.u8(body) === components.length;
      const invertedInks = adobeTransform !== undefined;
      return { format: 'jpeg', ...frame, singleScan, colour, invertedInks, orientation };
    }
    if (MARKER.isFrame(marker)) frame = readFrame(file, marker, body);
    else if (marker === MARKER.APP0) jfif ||= file.startsWith('JFIF\0', body);
    else if (marker === MARKER.APP14 && file.startsWith('Adobe', body)) {
      adobeTransform = file.u8(body + 11);
    } else if (marker === MARKER.APP1 && file.startsWith('Exif\0\0', body)) {
      orientation = exifOrientation(file.data.subarray(body + 6, end));
    }
    at = end;
  }
}

type Frame = Pick<JpegHeader, 'width' | 'height' | 'progressive' | 'components'>;

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
  return { width, height, progressive: marker === MARKER.SOF2, components };
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

/** As libjpeg guesses it (jdapimin.c, default_decompress_parms). */
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
