/**
 * Streaming reader of zip archives (PKWARE's APPNOTE.TXT), by their local headers: stored or deflated
 * files.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { GrowingBuffer } from '../body/growing-buffer.ts';
import { Inflate, type UnpackedBytes } from '../body/inflate.ts';
import { onePiece } from '../body/pieces.ts';
import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';
import { type ByteSource, incomplete } from './byte-source.ts';
import { type Entry, isClutter, named, type ReadContext, tooLarge } from './entry.ts';

const FILE = 0x04034b50;
/** Signatures after the last file: the central directory, and other records of the archive's end. */
const ENDS: readonly number[] = [0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50];
const DESCRIPTOR = Uint8Array.of(0x50, 0x4b, 0x07, 0x08);

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** The sizes follow the file, in a data descriptor. */
const STREAMED = 8;

interface Header {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly name: string;
}

export async function* readZip(context: ReadContext): AsyncGenerator<Entry> {
  const { source, counted, most } = context;
  for (;;) {
    await counted.count();
    const signature = await source.take(4);
    if (!signature) throw incomplete();
    const kind = new DataView(signature.buffer).getUint32(0, true);
    if (ENDS.includes(kind)) return;
    if (kind !== FILE) throw malformed('a local file header is missing');
    const header = await readHeader(source);
    const packed = await readPacked(source, header, most);
    if (header.name.endsWith('/') || isClutter(header.name)) continue;
    yield { ...named(header.name), ...(await readEntry(context, header, packed)) };
  }
}

async function readHeader(source: ByteSource): Promise<Header> {
  const fixed = await source.take(26);
  if (!fixed) throw incomplete();
  const view = new DataView(fixed.buffer);
  const name =
    view.getUint16(22, true) > 0 ? await source.take(view.getUint16(22, true)) : undefined;
  await source.skip(view.getUint16(24, true));
  const packed = view.getUint32(14, true);
  if (packed === 0xffffffff) throw malformed('zip64 is not supported');
  return {
    flags: view.getUint16(2, true),
    method: view.getUint16(4, true),
    crc: view.getUint32(10, true),
    packed,
    name: name ? new TextDecoder().decode(name) : '',
  };
}

/** Undefined if it is too large. */
const readPacked = (source: ByteSource, header: Header, most: number) =>
  header.flags & STREAMED ? readStreamed(source, most) : readSized(source, header, most);

async function readEntry(
  { source, unpacked, most }: ReadContext,
  { flags, method }: Header,
  packed: Packed | undefined,
): Promise<Entry> {
  if (!packed) return { error: tooLarge(most) };
  if (flags & ENCRYPTED) return { error: broken('is encrypted') };
  if (method !== STORED && method !== DEFLATED) {
    return {
      error: broken(
        `uses the compression method ${method}; only stored and deflated files are read`,
      ),
    };
  }
  const image = method === STORED ? packed.bytes : await inflate(packed.bytes, most, unpacked);
  if (image === undefined) return { error: tooLarge(most) };
  if (image === 'broken' || (await crc32(image, source.slices)) !== packed.crc) {
    return { error: broken('is damaged: its checksum is wrong') };
  }
  return { image };
}

interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crc: number;
}

async function readSized(source: ByteSource, { packed, crc }: Header, most: number) {
  if (packed > most) {
    await source.skip(packed);
    return undefined;
  }
  const bytes = packed === 0 ? new Uint8Array(0) : await source.take(packed);
  if (!bytes) throw incomplete();
  return { bytes, crc };
}

/** A file of unknown size: ends at a data descriptor (CRC, packed and unpacked size) of the size read. */
async function readStreamed(source: ByteSource, most: number): Promise<Packed | undefined> {
  const buffer = new GrowingBuffer();
  for (;;) {
    const { bytes, tooLong, ended } = await source.until(DESCRIPTOR, most - buffer.length);
    if (tooLong) throw malformed('a file without a size in its header is too large to be skipped');
    if (ended || !bytes) throw incomplete();
    buffer.append(bytes);
    const descriptor = await source.take(12);
    if (!descriptor) throw incomplete();
    const view = new DataView(descriptor.buffer);
    if (view.getUint32(4, true) === buffer.length) {
      return { bytes: buffer.finish(), crc: view.getUint32(0, true) };
    }
    buffer.append(DESCRIPTOR); // the signature was part of the file
    buffer.append(descriptor);
    const turn = source.slices.spend(LIMITS.slice.entryBytes); // a file may consist of signatures
    if (turn) await turn;
  }
}

async function inflate(bytes: Uint8Array, most: number, unpacked: UnpackedBytes) {
  const image = new GrowingBuffer();
  const slices = new Slices();
  const pieces = new Inflate(onePiece(bytes), 'deflate-raw', unpacked);
  try {
    for (;;) {
      const piece = await pieces.next();
      if (!piece) return image.finish();
      if (image.length + piece.length > most) return undefined;
      image.append(piece);
      const turn = slices.spend(piece.length);
      if (turn) await turn;
    }
  } catch (error) {
    if (error instanceof HebbError) throw error; // the archive unpacks to too much
    return 'broken';
  } finally {
    await pieces.leave();
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 (ISO 3309), in slices. */
async function crc32(bytes: Uint8Array, slices: Slices): Promise<number> {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + LIMITS.slice.bytes);
    const turn = slices.spend(end - at);
    for (; at < end; at++) crc = CRC_TABLE[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
    if (turn) await turn;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const broken = (why: string) =>
  new HebbError('broken_image', `The file in the zip archive ${why}.`, {
    hint: 'Create the archive again.',
  });

const malformed = (why: string) =>
  new HebbError('invalid_batch', `The zip archive cannot be read: ${why}.`, {
    hint: 'Create the archive again, or send a tar archive.',
  });
