/**
 * Makes EXIF blocks, well-formed or odd, and inserts them and other segments into files.
 * @module
 */

/** EXIF fields: TIFF type and the value's bytes. */
const TYPES = { short: 3, long: 4, byte: 1 } as const;

/** A TIFF header and a directory with an orientation. */
export function exif(
  orientation: number,
  { type = 'short', little = true, padding = 0 }: ExifOptions = {},
): Buffer {
  const number = (value: number, length: number) => {
    const bytes = Buffer.alloc(length);
    if (little) bytes.writeUIntLE(value, 0, length);
    else bytes.writeUIntBE(value, 0, length);
    return bytes;
  };
  const u16 = (value: number) => number(value, 2);
  const u32 = (value: number) => number(value, 4);
  const value = type === 'long' ? u32(orientation) : Buffer.concat([u16(orientation), u16(0)]);
  const entry = Buffer.concat([u16(0x0112), u16(TYPES[type]), u32(1), value]);
  const header = Buffer.concat([Buffer.from(little ? 'II*\0' : 'MM\0*'), u32(8 + padding)]);
  return Buffer.concat([header, Buffer.alloc(padding, 7), u16(1), entry, u32(0)]);
}

interface ExifOptions {
  readonly type?: keyof typeof TYPES;
  readonly little?: boolean;
  /** Bytes between the header and its directory. */
  readonly padding?: number;
}

/** A JPEG segment: marker, length, body. */
export function segment(marker: number, body: Uint8Array | string): Buffer {
  const data = Buffer.from(body as Uint8Array);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** An APP1 segment of EXIF. */
export const app1 = (body: Uint8Array): Buffer =>
  segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), body]));

/** The JPEG with segments right after its start marker. */
export const withSegments = (jpeg: Uint8Array, ...segments: readonly Uint8Array[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

/** The file with its Adobe marker's transform changed, or with such a marker added. */
export function withAdobeTransform(file: Buffer, transform: number): Buffer {
  const at = file.indexOf('Adobe');
  if (at >= 0) return Buffer.from(file).fill(transform, at + 11, at + 12);
  const marker = Buffer.concat([
    Buffer.from([0xff, 0xee, 0, 14]),
    Buffer.from('Adobe'),
    Buffer.from([0, 100, 0, 0, 0, 0, transform]),
  ]);
  return Buffer.concat([file.subarray(0, 2), marker, file.subarray(2)]);
}

/** The JPEG without the segment of that marker, if there is one before the first scan. */
export function withoutSegment(file: Buffer, marker: number): Buffer {
  for (let at = 2; file[at] === 0xff && file[at + 1] !== 0xda; ) {
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (file[at + 1] === marker) return Buffer.concat([file.subarray(0, at), file.subarray(end)]);
    at = end;
  }
  return file;
}
