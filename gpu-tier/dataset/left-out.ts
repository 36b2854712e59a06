/**
 * Files of a data set that are no images to us, counted by reason: what is left out in silence is
 * missed only when the model is bad.
 * @module
 */
import { extname } from 'node:path';

export type LeftOutReason =
  /** An image in a format that is not read here. */
  | `format ${string}`
  | 'no extension'
  /** Below no folder that names its class. */
  | 'no class'
  /** On the side that is kept for a last test. */
  | 'test'
  | 'hidden'
  /** A link to a folder, which is not followed. */
  | 'linked folder'
  /** A file of another kind: a text, a list. */
  | `other ${string}`;

export interface LeftOut {
  readonly path: string;
  readonly reason: LeftOutReason;
}

/** Extensions of image formats that are not read here, by the format's name. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  BMP: ['.bmp', '.dib'],
  TIFF: ['.tif', '.tiff'],
  'JPEG XL': ['.jxl'],
  'JPEG 2000': ['.jp2', '.j2k', '.jpf', '.jpx'],
  'raw camera': ['.dng', '.cr2', '.cr3', '.nef', '.arw', '.orf', '.rw2', '.raf', '.pef', '.srw'],
  'portable pixmap': ['.ppm', '.pgm', '.pbm', '.pnm'],
  SVG: ['.svg'],
  Photoshop: ['.psd'],
  ICO: ['.ico'],
  TGA: ['.tga'],
  DICOM: ['.dcm'],
};

const FORMAT_OF = new Map(
  Object.entries(FORMATS).flatMap(([format, extensions]) =>
    extensions.map((extension): [string, string] => [extension, format]),
  ),
);

/** What systems put into folders by themselves: no image is lost with it. */
const OF_THE_SYSTEM = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.gitkeep|\.gitignore)$/i;

/** Why a file that is no image by its name is left out; undefined for a file of the system's. */
export function reasonOf(name: string): LeftOutReason | undefined {
  if (OF_THE_SYSTEM.test(name)) return undefined;
  if (name.startsWith('.')) return 'hidden';
  const extension = extname(name).toLowerCase();
  if (extension === '') return 'no extension';
  const format = FORMAT_OF.get(extension);
  return format === undefined ? `other ${extension}` : `format ${format}`;
}

/** Whether images are lost by it, which a training would have used. */
export const losesImages = (reason: LeftOutReason): boolean =>
  reason !== 'test' && !reason.startsWith('other ');

/** How many files each reason leaves out, in the order of their number. */
export function countLeftOut(files: readonly LeftOut[]): Map<LeftOutReason, LeftOut[]> {
  const groups = [...Map.groupBy(files, ({ reason }) => reason)];
  return new Map(groups.sort(([, a], [, b]) => b.length - a.length));
}

/** `12 files of format TIFF: convert them to PNG or JPEG` */
export function leftOutText(reason: LeftOutReason, count: number): string {
  const one = count === 1;
  const files = `${count.toLocaleString('en')} ${one ? 'file' : 'files'}`;
  if (reason.startsWith('format ')) {
    const format = reason.slice('format '.length);
    return `${files} of format ${format}: convert ${one ? 'it' : 'them'} to PNG or JPEG`;
  }
  if (reason.startsWith('other ')) return `${files} ${reason.slice('other '.length)}`;
  switch (reason) {
    case 'no extension':
      return `${files} without an extension: name ${one ? 'it' : 'them'} .jpg, .png, … to be read`;
    case 'no class':
      return `${files} in no class: move ${one ? 'it' : 'them'} into a folder named after the class`;
    case 'test':
      return `${files} of the test set, which is left alone`;
    case 'hidden':
      return `${files} hidden, or in hidden folders`;
    case 'linked folder':
      return `${count.toLocaleString('en')} ${one ? 'link' : 'links'} to folders, which are not followed`;
    default:
      return `${files}: ${reason}`;
  }
}

/** ` Left out: 12 files of format TIFF: …; 3 files …`; empty where there is nothing to say. */
export function leftOutSentence(files: readonly LeftOut[]): string {
  const parts = [...countLeftOut(files)].map(([reason, { length }]) => leftOutText(reason, length));
  return parts.length === 0 ? '' : ` Left out: ${parts.join('; ')}.`;
}
