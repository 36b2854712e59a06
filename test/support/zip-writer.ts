/**
 * Writes zip archives file by file.
 * @module
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
  /** Writes the sizes after the file (data descriptor), as programs do that write to a pipe. */
  readonly streamed?: boolean;
  /** Overrides the correct value. */
  readonly crc?: number;
}

export function zip(files: readonly ZipFile[]): Buffer<ArrayBuffer> {
  const parts: Uint8Array[] = files.flatMap((file) => {
    const { path, content, deflated = false, streamed = false } = file;
    const packed = deflated ? deflateRawSync(content) : content;
    const crc = file.crc ?? crc32(content);
    const name = Buffer.from(path);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(streamed ? 8 : 0, 6);
    head.writeUInt16LE(deflated ? 8 : 0, 8);
    if (!streamed) {
      head.writeUInt32LE(crc, 14);
      head.writeUInt32LE(packed.length, 18);
      head.writeUInt32LE(content.length, 22);
    }
    head.writeUInt16LE(name.length, 26);
    const tail = Buffer.alloc(streamed ? 16 : 0);
    if (streamed) {
      tail.writeUInt32LE(0x08074b50, 0);
      tail.writeUInt32LE(crc, 4);
      tail.writeUInt32LE(packed.length, 8);
      tail.writeUInt32LE(content.length, 12);
    }
    return [head, name, packed, tail];
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  return Buffer.concat([...parts, end]) as Buffer<ArrayBuffer>;
}
