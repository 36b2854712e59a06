/**
 * AVIF header: the properties of the primary item (ISO/IEC 23008-12; AV1 Image File Format).
 * @module
 */
import { HebbError, type Orientation } from '@hebb/model';
import { type Bytes, broken } from '../bytes.ts';
import type { ColourTag } from '../colour/tag.ts';
import type { HeaderBase } from '../header.ts';
import { type Box, boxes } from './boxes.ts';
import { type Coding, codingOf, type Size } from './coding.ts';
import { Meta } from './meta.ts';

export interface AvifHeader extends HeaderBase {
  readonly format: 'avif';
  /** The picture before cropping. */
  readonly coding: Coding;
  /** The alpha plane; absent for opaque pictures. */
  readonly alpha?: Coding;
  readonly colour?: ColourTag;
}

/** Brands in the file type box: the major one, then the compatible ones. */
export function brands(file: Bytes): string[] {
  if (!file.startsWith('ftyp', 4)) return [];
  const end = Math.min(file.u32(0), file.length);
  const found = [file.ascii(8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(file.ascii(at, 4));
  return found;
}

export const isAvif = (file: Bytes): boolean =>
  brands(file).some((brand) => brand === 'avif' || brand === 'avis');

export function avifHeader(file: Bytes): AvifHeader {
  const box = find(boxes(file, 0, file.length), 'meta');
  if (!box) {
    throw new HebbError('unsupported_format', 'This AVIF is an image sequence without a still.', {
      hint: 'Export one frame as JPEG or PNG.',
    });
  }
  const meta = new Meta(file, box);
  const coding = codingOf(file, meta, meta.primary);
  if (!coding) throw broken('it does not tell its size');
  const { width, height } = coding.size;
  if (width === 0 || height === 0) throw broken(`its size is ${width}×${height}`);
  const alphaItem = findAlpha(file, meta);
  const alpha = alphaItem && codingOf(file, meta, alphaItem, coding.tile);
  return {
    format: 'avif',
    ...croppedSize(file, meta.property(meta.primary, 'clap'), coding.size),
    coding,
    ...(alpha ? { alpha } : {}),
    orientation: orientationOf(file, meta.properties(meta.primary)),
    colour: colourOf(file, meta, coding),
  };
}

const find = (all: Iterable<Box>, type: string): Box | undefined => {
  for (const box of all) if (box.type === type) return box;
  return undefined;
};

/**
 * Size of the part of the picture that is shown: 'clap' (ISO/IEC 14496-12, 12.1.4), as libavif reads it in
 * avifCropRectFromCleanApertureBox. A part that is not of whole pixels or not inside the picture is an error.
 */
function croppedSize(file: Bytes, clap: Box | undefined, size: Size): Size {
  if (!clap) return size;
  const field = (index: number) => file.u32(clap.body + index * 4) | 0; // signed
  const side = (whole: number, at: number) => {
    const [length, lengthUnit, offset, offsetUnit] = [at, at + 1, at + 4, at + 5].map(field) as [
      number,
      number,
      number,
      number,
    ];
    const kept = length / lengthUnit;
    // The first pixel that is kept, in units of 1 / offsetUnit.
    const begin = ((whole - kept) * offsetUnit) / 2 + offset;
    const isValid =
      lengthUnit > 0 &&
      offsetUnit > 0 &&
      kept > 0 &&
      Number.isInteger(kept) &&
      begin >= 0 &&
      Number.isInteger(begin / offsetUnit) &&
      begin / offsetUnit + kept <= whole;
    if (!isValid) throw broken('it is cropped to what is no part of it');
    return kept;
  };
  return { width: side(size.width, 0), height: side(size.height, 2) };
}

/** The alpha plane of the primary item, or of the first tile of its grid. */
function findAlpha(file: Bytes, meta: Meta): number | undefined {
  const owners = [meta.primary, ...meta.referencesFrom(meta.primary, 'dimg').slice(0, 1)];
  const auxiliaries = owners.flatMap((owner) => meta.referencesTo(owner, 'auxl'));
  return auxiliaries.find((item) => isAlpha(file, meta.property(item, 'auxC')));
}

/** The ICC profile, else the code points of 'colr' (ISO/IEC 14496-12, 12.1.5), else AV1's. */
function colourOf(file: Bytes, meta: Meta, { frame }: Coding): ColourTag {
  const tags = meta.properties(meta.primary).filter(({ type }) => type === 'colr');
  const ofType = (...types: readonly string[]) =>
    tags.find(({ body }) => types.includes(file.ascii(body, 4)));
  const icc = ofType('prof', 'rICC');
  if (icc) {
    const profile = file.slice(icc.body + 4, icc.end - icc.body - 4);
    return { kind: 'icc', profile, grey: frame.chroma === undefined };
  }
  const nclx = ofType('nclx');
  if (!nclx) return { kind: 'cicp', primaries: frame.primaries, transfer: frame.transfer };
  return { kind: 'cicp', primaries: file.u16(nclx.body + 4), transfer: file.u16(nclx.body + 6) };
}

/** Orientation by mirror axis and anti-clockwise quarter turns; rotation comes first, then the mirror. */
const TURNED: readonly Orientation[] = [1, 8, 3, 6];
const TURNED_TOP_BOTTOM: readonly Orientation[] = [4, 5, 2, 7];
const TURNED_LEFT_RIGHT: readonly Orientation[] = [2, 7, 4, 5];

/** 'irot' and 'imir' (ISO/IEC 23008-12, 6.5.10 and 6.5.12). AVIF ignores EXIF's orientation. */
function orientationOf(file: Bytes, own: readonly Box[]): Orientation {
  const irot = own.find(({ type }) => type === 'irot');
  const imir = own.find(({ type }) => type === 'imir');
  const turns = irot ? file.u8(irot.body) & 3 : 0;
  if (!imir) return TURNED[turns]!;
  return (file.u8(imir.body) & 1 ? TURNED_LEFT_RIGHT : TURNED_TOP_BOTTOM)[turns]!;
}

/** Auxiliary types of an alpha plane: MIAF, 7.3.5.2, and HEVC's, which libavif accepts too. */
const ALPHA = ['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1'];

const isAlpha = (file: Bytes, auxC: Box | undefined): boolean =>
  auxC !== undefined && ALPHA.some((type) => file.startsWith(`${type}\0`, auxC.body + 4));
