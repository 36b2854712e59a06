/**
 * Assembles AVIF files from coded pictures, in layouts that sharp's encoder does not write.
 * @module
 */
import { type Box, boxes } from '@hebb/decode/avif/boxes';
import { Meta } from '@hebb/decode/avif/meta';
import { Bytes } from '@hebb/decode/bytes';

export interface Item {
  readonly type: 'av01' | 'grid';
  readonly data: Uint8Array;
  /** Complete boxes. */
  readonly properties: readonly Buffer[];
}

export interface Reference {
  readonly type: 'dimg' | 'auxl' | 'prem';
  readonly from: number;
  readonly to: readonly number[];
}

export interface AvifFile {
  readonly brands?: readonly string[];
  readonly primary?: number;
  /** Numbered from 1. */
  readonly items: readonly Item[];
  readonly references?: readonly Reference[];
  /** Puts the data into the 'idat' of 'meta' (construction method 1) instead of 'mdat'. */
  readonly inIdat?: boolean;
  /** Boxes between the data and 'meta'. */
  readonly more?: readonly Buffer[];
  /** Sets the last box's size to 0, which means that it extends to the end of the file. */
  readonly openEnded?: boolean;
}

/** The items of a file: sharp writes the picture, then its alpha. */
export function readItems(file: Buffer): Item[] {
  const bytes = new Bytes(file);
  const box = [...boxes(bytes, 0, file.length)].find(({ type }) => type === 'meta')!;
  const meta = new Meta(bytes, box);
  const items: Item[] = [];
  for (let item = 1; meta.type(item) === 'av01'; item++) {
    const properties = meta.properties(item).map((property) => whole(file, property));
    items.push({ type: 'av01', data: meta.data(item, Number.POSITIVE_INFINITY), properties });
  }
  return items;
}

const whole = (file: Buffer, { body, end }: Box) => file.subarray(body - 8, end);

export const withoutProperty = (item: Item, type: string): Item => ({
  ...item,
  properties: item.properties.filter((property) => property.toString('latin1', 4, 8) !== type),
});

export const withProperties = (item: Item, ...more: readonly Buffer[]): Item => ({
  ...item,
  properties: [...item.properties, ...more],
});

/** The property with the item's size. */
export const ispe = (width: number, height: number): Buffer =>
  fullBox('ispe', 0, u32(width), u32(height));

/** Crops to width × height. `offset` is the distance of its centre from the picture's, in half pixels. */
export const clap = (width: number, height: number, offset: readonly [number, number]): Buffer =>
  box('clap', ...[width, 1, height, 1, offset[0], 2, offset[1], 2].map(u32));

/** A grid of rows × columns tiles, cropped to width × height. */
export function grid(rows: number, columns: number, width: number, height: number): Item {
  const data = Buffer.concat([Buffer.from([0, 0, rows - 1, columns - 1]), u16(width), u16(height)]);
  return { type: 'grid', data, properties: [ispe(width, height)] };
}

export function writeAvif(file: AvifFile): Buffer {
  const { items, references = [], brands = ['avif', 'mif1', 'miaf'] } = file;
  const ftyp = box('ftyp', ascii(brands[0]!), u32(0), ...brands.map(ascii));
  const data = Buffer.concat(items.map((item) => item.data));
  const mdat = file.inIdat ? Buffer.alloc(0) : box('mdat', data);
  const begin = file.inIdat ? 0 : ftyp.length + 8;
  const meta = fullBox(
    'meta',
    0,
    fullBox('hdlr', 0, u32(0), ascii('pict'), Buffer.alloc(13)),
    fullBox('pitm', 0, u16(file.primary ?? 1)),
    locations(items, begin, file.inIdat ? 1 : 0),
    fullBox('iinf', 0, u16(items.length), ...items.map(entry)),
    properties(items),
    ...(references.length > 0 ? [fullBox('iref', 0, ...references.map(reference))] : []),
    ...(file.inIdat ? [box('idat', data)] : []),
  );
  if (file.openEnded) meta.writeUInt32BE(0);
  return Buffer.concat([ftyp, mdat, ...(file.more ?? []), meta]);
}

function locations(items: readonly Item[], begin: number, method: number): Buffer {
  let at = begin;
  const all = items.map(({ data }, i) => {
    const offset = at;
    at += data.length;
    const numbers = [i + 1, method, 0, 1].map(u16); // item, method, file, one extent
    return Buffer.concat([...numbers, u32(offset), u32(data.length)]);
  });
  return fullBox('iloc', 1, u16(0x4400), u16(items.length), ...all);
}

const entry = ({ type }: Item, i: number): Buffer =>
  fullBox('infe', 2, u16(i + 1), u16(0), ascii(type), Buffer.alloc(1));

function properties(items: readonly Item[]): Buffer {
  const all = items.flatMap((item) => item.properties);
  let index = 0;
  const owned = items.map((item, i) => {
    const own = item.properties.map((property) => essential(property) | ++index);
    return Buffer.concat([u16(i + 1), Buffer.from([own.length, ...own])]);
  });
  const ipma = fullBox('ipma', 0, u32(items.length), ...owned);
  return box('iprp', box('ipco', ...all), ipma);
}

/** 0x80 if a reader that does not know the property must refuse the file. */
const essential = (property: Buffer): number =>
  /^(clap|irot|imir|av1C)$/.test(property.toString('latin1', 4, 8)) ? 0x80 : 0;

const reference = ({ type, from, to }: Reference): Buffer =>
  box(type, u16(from), u16(to.length), ...to.map(u16));

export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), ascii(type), body]);
}

const fullBox = (type: string, version: number, ...content: readonly Uint8Array[]): Buffer =>
  box(type, Buffer.from([version, 0, 0, 0]), ...content);

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
