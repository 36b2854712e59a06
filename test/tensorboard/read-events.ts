/**
 * Reads event files independently of the writer: bitwise checksum, protobuf wire format byte by byte
 * (https://protobuf.dev/programming-guides/encoding).
 * @module
 */

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion: string | undefined;
  readonly sessionStatus: number | undefined;
  readonly scalars: Readonly<Record<string, number>>;
}

type Fields = Map<number, (bigint | Buffer)[]>;

export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  let at = 0;
  while (at < file.length) {
    const length = Number(file.readBigUInt64LE(at));
    checkSum(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    checkSum(data, file.readUInt32LE(at + 12 + length));
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function readEvent(data: Buffer): ReadEvent {
  const fields = readFields(data);
  const scalars: Record<string, number> = {};
  for (const value of bytesOf(fields, 5).flatMap((summary) => bytesOf(readFields(summary), 1))) {
    const parts = readFields(value);
    scalars[bytesOf(parts, 1)[0]!.toString('utf8')] = bytesOf(parts, 2)[0]!.readFloatLE();
  }
  const session = bytesOf(fields, 7)[0];
  return {
    wallTime: bytesOf(fields, 1)[0]!.readDoubleLE(),
    step: Number(fields.get(2)?.[0] ?? 0n),
    fileVersion: bytesOf(fields, 3)[0]?.toString('utf8'),
    sessionStatus: session && Number(readFields(session).get(1)?.[0]),
    scalars,
  };
}

const bytesOf = (fields: Fields, id: number): Buffer[] => (fields.get(id) ?? []) as Buffer[];

function readFields(data: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return data.subarray(at - length, at);
  };
  while (at < data.length) {
    const key = Number(varint());
    const readers = {
      0: varint,
      1: () => take(8),
      2: () => take(Number(varint())),
      5: () => take(4),
    };
    const value = readers[(key & 7) as keyof typeof readers]();
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

function checkSum(data: Buffer, masked: number): void {
  let crc = 0xffffffff;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const odd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc = odd ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
  }
  const plain = ~crc >>> 0;
  const expected = (((plain >>> 15) | (plain << 17)) + 0xa282ead8) >>> 0;
  if (expected !== masked) throw new Error(`Checksum ${masked}, expected ${expected}.`);
}
