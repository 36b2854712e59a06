import { maskedCrc32c } from './crc32c.ts';

/**
 * One record of a TFRecord file (tensorflow/core/lib/io/record_writer.h), little-endian:
 *
 *   uint64  length of the data
 *   uint32  masked CRC-32C of those 8 bytes
 *   bytes   data
 *   uint32  masked CRC-32C of the data
 */
export function tfRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
