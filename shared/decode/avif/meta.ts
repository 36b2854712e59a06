/**
 * The 'meta' box of an image file: its items, their properties, references and data
 * (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12).
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';
import { type Box, boxes } from './boxes.ts';

interface Extents {
  /** Whether offsets count from the start of 'idat' instead of the file's (construction method 1). */
  readonly inIdat: boolean;
  readonly extents: readonly { readonly offset: number; readonly length: number }[];
}

export class Meta {
  readonly #file: Bytes;
  readonly #children: readonly Box[];
  readonly #types: ReadonlyMap<number, string>;
  readonly #properties: ReadonlyMap<number, readonly Box[]>;
  readonly #references: readonly Reference[];
  /** The id of the item that is shown. */
  readonly primary: number;

  constructor(file: Bytes, meta: Box) {
    this.#file = file;
    this.#children = [...boxes(file, meta.body + 4, meta.end)];
    const pitm = this.#child('pitm');
    if (!pitm) throw broken('it has no primary item');
    this.primary = readId(file, pitm.body + 4, file.u8(pitm.body) > 0).id;
    this.#types = readTypes(file, this.#child('iinf'));
    const iprp = this.#child('iprp');
    if (!iprp) throw broken('it has no item properties');
    this.#properties = readProperties(file, iprp);
    this.#references = readReferences(file, this.#child('iref'));
  }

  /** Four characters: 'av01' for AV1, 'grid' for tiles; empty if unknown. */
  type(item: number): string {
    return this.#types.get(item) ?? '';
  }

  properties(item: number): readonly Box[] {
    return this.#properties.get(item) ?? [];
  }

  property(item: number, type: string): Box | undefined {
    return this.properties(item).find((property) => property.type === type);
  }

  /** Items that `item` refers to, in order. */
  referencesFrom(item: number, type: string): readonly number[] {
    const own = this.#references.filter((one) => one.type === type && one.from === item);
    return own.flatMap(({ to }) => to);
  }

  /** Items that refer to `item`. */
  referencesTo(item: number, type: string): readonly number[] {
    const all = this.#references.filter((one) => one.type === type && one.to.includes(item));
    return all.map(({ from }) => from);
  }

  /** The first bytes of the item's data, at most `most`; fewer where the file ends. */
  data(item: number, most: number): Uint8Array {
    const iloc = this.#child('iloc');
    const location = iloc && readLocation(this.#file, iloc, item);
    const idat = this.#child('idat');
    const [begin, end] = location?.inIdat
      ? [idat?.body ?? 0, idat?.end ?? 0]
      : [0, this.#file.length];
    const data: number[] = [];
    for (const { offset, length } of location?.extents ?? []) {
      const at = Math.min(begin + offset, end);
      const count = Math.min(length, end - at, most - data.length);
      data.push(...this.#file.slice(at, count));
    }
    return Uint8Array.from(data);
  }

  #child(type: string): Box | undefined {
    return this.#children.find((box) => box.type === type);
  }
}

/** An item's number, of 16 or 32 bits, and where it ends. */
const readId = (file: Bytes, at: number, wide: boolean) =>
  wide ? { id: file.u32(at), end: at + 4 } : { id: file.u16(at), end: at + 2 };

/** ItemInfoBox; entries of versions 2 and 3 tell a type. */
function readTypes(file: Bytes, iinf: Box | undefined): Map<number, string> {
  const types = new Map<number, string>();
  if (!iinf) return types;
  const entries = iinf.body + (file.u8(iinf.body) === 0 ? 6 : 8);
  for (const { type, body } of boxes(file, entries, iinf.end)) {
    const version = file.u8(body);
    if (type !== 'infe' || version < 2) continue;
    const { id, end } = readId(file, body + 4, version > 2);
    types.set(id, file.ascii(end + 2, 4));
  }
  return types;
}

/** Properties of each item (ItemPropertyContainerBox, ItemPropertyAssociationBox). */
function readProperties(file: Bytes, iprp: Box): Map<number, Box[]> {
  const inIprp = [...boxes(file, iprp.body, iprp.end)];
  const ipco = inIprp.find(({ type }) => type === 'ipco');
  const all = ipco ? [...boxes(file, ipco.body, ipco.end)] : [];
  const found = new Map<number, Box[]>();
  for (const { type, body } of inIprp) {
    if (type !== 'ipma') continue;
    const wideItem = file.u8(body) > 0;
    const wideIndex = (file.u8(body + 3) & 1) === 1;
    let at = body + 8;
    for (let entries = file.u32(body + 4); entries > 0; entries--) {
      const { id, end } = readId(file, at, wideItem);
      const own = found.get(id) ?? [];
      found.set(id, own);
      at = end + 1;
      for (let count = file.u8(end); count > 0; count--, at += wideIndex ? 2 : 1) {
        const index = wideIndex ? file.u16(at) & 0x7fff : file.u8(at) & 0x7f;
        const property = all[index - 1]; // 0 is none
        if (property) own.push(property);
      }
    }
  }
  return found;
}

interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

/** ItemReferenceBox. */
function readReferences(file: Bytes, iref: Box | undefined): Reference[] {
  if (!iref) return [];
  const wide = file.u8(iref.body) > 0;
  const found: Reference[] = [];
  for (const { type, body } of boxes(file, iref.body + 4, iref.end)) {
    const from = readId(file, body, wide);
    const to: number[] = [];
    let at = from.end + 2;
    for (let count = file.u16(from.end); count > 0; count--) {
      const { id, end } = readId(file, at, wide);
      to.push(id);
      at = end;
    }
    found.push({ type, from: from.id, to });
  }
  return found;
}

/** ItemLocationBox: where the item's data lie; undefined where it has none. */
function readLocation(file: Bytes, { body }: Box, item: number): Extents | undefined {
  const version = file.u8(body);
  const sizes = file.u16(body + 4);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const wide = version > 1;
  const count = readId(file, body + 6, wide);
  let at = count.end;
  const field = (size: number): number => {
    at += size;
    if (size === 0) return 0;
    const low = file.u32(at - 4);
    return size === 8 ? file.u32(at - 8) * 2 ** 32 + low : low;
  };
  for (let items = count.id; items > 0; items--) {
    const { id, end } = readId(file, at, wide);
    const method = version === 0 ? 0 : file.u16(end) & 15;
    at = end + (version === 0 ? 2 : 4); // and the data reference, 0 for this file
    const base = field(baseSize);
    const extents: { offset: number; length: number }[] = [];
    at += 2;
    for (let left = file.u16(at - 2); left > 0; left--) {
      field(indexSize);
      extents.push({ offset: base + field(offsetSize), length: field(lengthSize) });
    }
    if (id === item) return { inIdat: method === 1, extents };
  }
  return undefined;
}
