/**
 * AVIF header: the properties of the primary item (ISO/IEC 23008-12; AV1 Image File Format).
 * @module
 */
import { HebbError, type Orientation } from '../../model/index.ts';
import { type Bytes, broken } from '../bytes.ts';
import type { ColourTag } from '../colour/tag.ts';
import type { HeaderBase } from '../header.ts';
import { type Box, boxes } from './boxes.ts';

export interface AvifHeader extends HeaderBase {
  readonly format: 'avif';
  /** 8, 10 or 12. */
  readonly bitDepth: number;
  /** 3 without chroma subsampling, 1.5 for 4:2:0, 1 for grey. */
  readonly samplesPerPixel: number;
  readonly hasAlpha: boolean;
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
  const meta = find(boxes(file, 0, file.length), 'meta');
  if (!meta) {
    throw new HebbError('unsupported_format', 'This AVIF is an image sequence without a still.', {
      hint: 'Export one frame as JPEG or PNG.',
    });
  }
  const inMeta = [...boxes(file, meta.body + 4, meta.end)];
  const primary = primaryItem(file, inMeta);
  const iprp = inMeta.find(({ type }) => type === 'iprp');
  if (!iprp) throw broken('it has no item properties');
  const inIprp = [...boxes(file, iprp.body, iprp.end)];
  const ipco = inIprp.find(({ type }) => type === 'ipco');
  const all = ipco ? [...boxes(file, ipco.body, ipco.end)] : [];
  const own = associations(file, inIprp, primary).flatMap((index) => all[index - 1] ?? []);
  // Tiles of a grid carry the codec's configuration; the grid itself does not.
  const config = [...own, ...all].find(({ type }) => type === 'av1C');
  return {
    format: 'avif',
    ...readSize(file, own),
    ...readConfig(file, config),
    hasAlpha: all.some((property) => isAlpha(file, property)),
    orientation: orientationOf(file, own),
  };
}

const find = (all: Iterable<Box>, type: string): Box | undefined => {
  for (const box of all) if (box.type === type) return box;
  return undefined;
};

function primaryItem(file: Bytes, inMeta: readonly Box[]): number {
  const pitm = inMeta.find(({ type }) => type === 'pitm');
  if (!pitm) throw broken('it has no primary item');
  return file.u8(pitm.body) === 0 ? file.u16(pitm.body + 4) : file.u32(pitm.body + 4);
}

/** Indices, from 1, of the properties of `item` (ItemPropertyAssociationBox). */
function associations(file: Bytes, inIprp: readonly Box[], item: number): number[] {
  const found: number[] = [];
  for (const { type, body } of inIprp) {
    if (type !== 'ipma') continue;
    const wideItem = file.u8(body) > 0;
    const wideIndex = (file.u8(body + 3) & 1) === 1;
    const entries = file.u32(body + 4);
    let at = body + 8;
    for (let entry = 0; entry < entries; entry++) {
      const id = wideItem ? file.u32(at) : file.u16(at);
      at += wideItem ? 4 : 2;
      const count = file.u8(at++);
      for (let i = 0; i < count; i++, at += wideIndex ? 2 : 1) {
        const index = wideIndex ? file.u16(at) & 0x7fff : file.u8(at) & 0x7f;
        if (id === item) found.push(index);
      }
    }
  }
  return found;
}

function readSize(file: Bytes, own: readonly Box[]) {
  const ispe = own.find(({ type }) => type === 'ispe');
  if (!ispe) throw broken('it does not tell its size');
  const width = file.u32(ispe.body + 4);
  const height = file.u32(ispe.body + 8);
  if (width === 0 || height === 0) throw broken(`its size is ${width}×${height}`);
  return { width, height };
}

/** Third byte of AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3.3). */
const AV1C = { high: 0x40, twelve: 0x20, grey: 0x10, halfWidth: 0x08, halfHeight: 0x04 } as const;

function readConfig(file: Bytes, config: Box | undefined) {
  const flags = config ? file.u8(config.body + 2) : 0;
  const wide = flags & AV1C.twelve ? 12 : 10;
  const chroma = 2 / ((flags & AV1C.halfWidth ? 2 : 1) * (flags & AV1C.halfHeight ? 2 : 1));
  return {
    bitDepth: flags & AV1C.high ? wide : 8,
    samplesPerPixel: flags & AV1C.grey ? 1 : 1 + chroma,
  };
}

/** Orientation per mirror axis and anti-clockwise quarter turns; turned first, then mirrored. */
const TURNED: readonly Orientation[] = [1, 8, 3, 6];
const TURNED_TOP_BOTTOM: readonly Orientation[] = [4, 5, 2, 7];
const TURNED_LEFT_RIGHT: readonly Orientation[] = [2, 7, 4, 5];

/** 'irot' and 'imir' (ISO/IEC 23008-12, 6.5.10 and 6.5.12). EXIF does not count in AVIF. */
function orientationOf(file: Bytes, own: readonly Box[]): Orientation {
  const irot = own.find(({ type }) => type === 'irot');
  const imir = own.find(({ type }) => type === 'imir');
  const turns = irot ? file.u8(irot.body) & 3 : 0;
  if (!imir) return TURNED[turns]!;
  return (file.u8(imir.body) & 1 ? TURNED_LEFT_RIGHT : TURNED_TOP_BOTTOM)[turns]!;
}

/** Auxiliary type of an alpha plane (MIAF, 7.3.5.2). */
const isAlpha = (file: Bytes, { type, body }: Box): boolean =>
  type === 'auxC' && file.startsWith('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', body + 4);
