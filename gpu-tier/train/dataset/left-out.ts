/**
 * Files of a data set that are not used, counted by reason. They are reported, because a user would
 * otherwise notice them only by a worse model.
 * @module
 */

import { extname } from 'node:path';
import { groupBy } from '@hebb/model/node20';

export type LeftOutReason =
  /** An image in a format that is not supported. */
  | `format ${string}`
  | 'no extension'
  /** Not below a class folder. */
  | 'no class'
  /** Part of the test set, which is not used. */
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

/** Extensions of unsupported image formats, by the format's name. */
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

/** Files that systems put into folders themselves. */
const OF_THE_SYSTEM = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.gitkeep|\.gitignore)$/i;

/** Why a file without an image name is left out; undefined for a system file. */
export function reasonOf(name: string): LeftOutReason | undefined {
  if (OF_THE_SYSTEM.test(name)) return undefined;
  if (name.startsWith('.')) return 'hidden';
  const extension = extname(name).toLowerCase();
  if (extension === '') return 'no extension';
  const format = FORMAT_OF.get(extension);
  return format === undefined ? `other ${extension}` : `format ${format}`;
}

/** Whether files left out for this reason are images that training might have used. */
export const losesImages = (reason: LeftOutReason): boolean =>
  reason !== 'test' && !reason.startsWith('other ');

/** Left-out files by reason, the largest group first. */
export function countLeftOut(files: readonly LeftOut[]): Map<LeftOutReason, LeftOut[]> {
  const groups = [...groupBy(files, ({ reason }) => reason)];
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
      return `${files} without an extension: rename ${one ? 'it' : 'them'} to .jpg, .png, …`;
    case 'no class':
      return `${files} in no class: move ${one ? 'it' : 'them'} into a folder named after the class`;
    case 'test':
      return `${files} of the test set, which is not used`;
    case 'hidden':
      return `${files} hidden, or in hidden folders`;
    case 'linked folder':
      return `${count.toLocaleString('en')} ${one ? 'link' : 'links'} to folders, which are not followed`;
    default:
      return `${files}: ${reason}`;
  }
}

/** ` Left out: 12 files of format TIFF: …; 3 files …`; empty when nothing is left out. */
export function leftOutSentence(files: readonly LeftOut[]): string {
  const parts = [...countLeftOut(files)].map(([reason, { length }]) => leftOutText(reason, length));
  return parts.length === 0 ? '' : ` Left out: ${parts.join('; ')}.`;
}
