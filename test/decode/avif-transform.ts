/**
 * Adds the properties 'irot' and 'imir' to an AVIF file, since sharp's encoder does not write them.
 * @module
 */

import { type Box, boxes } from '@hebb/decode/avif/boxes';
import { Bytes } from '@hebb/decode/bytes';

export interface Transform {
  /** Quarter turns anticlockwise. */
  readonly turns?: number;
  /** 0 swaps top and bottom, 1 left and right. */
  readonly mirror?: 0 | 1;
}

/**
 * Transforms the first item of the file (the picture) and, as encoders do, its alpha plane, if there is one.
 */
export function withTransform(file: Buffer, { turns, mirror }: Transform): Buffer {
  const bytes = new Bytes(file);
  const properties: Buffer[] = [];
  if (turns !== undefined) properties.push(box('irot', [turns]));
  if (mirror !== undefined) properties.push(box('imir', [mirror]));
  const meta = child(bytes, 0, file.length, 'meta');
  const iprp = child(bytes, meta.body + 4, meta.end, 'iprp');
  const ipco = child(bytes, iprp.body, iprp.end, 'ipco');
  const ipma = child(bytes, iprp.body, iprp.end, 'ipma');
  const count = [...boxes(bytes, ipco.body, ipco.end)].length;

  const added = properties.map((_, i) => 0x80 | (count + 1 + i));
  const newIpma = box('ipma', withAssociations(file.subarray(ipma.body, ipma.end), added));
  const newIpco = box('ipco', [
    ...file.subarray(ipco.body, ipco.end),
    ...Buffer.concat(properties),
  ]);
  const newIprp = box('iprp', [...newIpco, ...newIpma]);
  const grown = newIprp.length - (iprp.end - iprp.body + 8);
  const before = file.subarray(meta.body, iprp.body - 8);
  const after = file.subarray(iprp.end, meta.end);
  const newMeta = box('meta', [...before, ...newIprp, ...after]);
  const out = Buffer.concat([file.subarray(0, meta.body - 8), newMeta, file.subarray(meta.end)]);
  moveItems(out, grown);
  return out;
}

/** ipma: version, flags, entries, then per item: id, number of associations, associations. */
function withAssociations(ipma: Buffer, added: readonly number[]): number[] {
  const out = [...ipma.subarray(0, 8)];
  for (let at = 8; at < ipma.length; ) {
    const count = ipma[at + 2]!;
    const end = at + 3 + count;
    out.push(
      ipma[at]!,
      ipma[at + 1]!,
      count + added.length,
      ...ipma.subarray(at + 3, end),
      ...added,
    );
    at = end;
  }
  return out;
}

/** Adjusts the offsets of items, which count from the start of the file, after an insertion. */
function moveItems(file: Buffer, by: number): void {
  const bytes = new Bytes(file);
  const meta = child(bytes, 0, file.length, 'meta');
  const { body } = child(bytes, meta.body + 4, meta.end, 'iloc');
  const sizes = file.readUInt16BE(body + 4) >> 4; // of offsets, lengths and base offsets
  if (file[body] !== 0 || sizes !== 0x444) throw new Error('an iloc of another layout');
  let at = body + 8;
  for (let item = file.readUInt16BE(body + 6); item > 0; item--) {
    const base = at + 4;
    const extents = file.readUInt16BE(base + 4);
    at = base + 6;
    const isAbsolute = file.readUInt32BE(base) === 0;
    if (!isAbsolute) file.writeUInt32BE(file.readUInt32BE(base) + by, base);
    for (let i = 0; i < extents; i++, at += 8) {
      if (isAbsolute) file.writeUInt32BE(file.readUInt32BE(at) + by, at);
    }
  }
}

function child(bytes: Bytes, begin: number, end: number, type: string): Box {
  const found = [...boxes(bytes, begin, end)].find((candidate) => candidate.type === type);
  if (!found) throw new Error(`no ${type}`);
  return found;
}

function box(type: string, body: Iterable<number>): Buffer {
  const content = Buffer.from([...body]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 8);
  return Buffer.concat([size, Buffer.from(type), content]);
}
