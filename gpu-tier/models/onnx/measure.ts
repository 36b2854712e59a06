/**
 * Measures the decoded size of a protobuf message without decoding it. A hostile file of a few megabytes can
 * hold millions of empty messages, each of which takes a hundred bytes of heap.
 * @module
 */
import protobuf, { type INamespace, type IType } from 'protobufjs/light.js';

export interface Size {
  /** Number of messages, strings and single numbers: each becomes an object or a value. */
  readonly parts: number;
  /** Bytes of packed numbers, each of which becomes eight bytes. */
  readonly packedBytes: number;
}

/** Walks `bytes` as the message `type` of `descriptor`. Throws a RangeError for invalid bytes. */
export function measureMessage(bytes: Uint8Array, descriptor: INamespace, type: string): Size {
  const types = new Map(
    Object.entries(descriptor.nested ?? {}).map(([n, t]) => [n, byId(t as IType)]),
  );
  const reader = protobuf.Reader.create(bytes);
  let [parts, packedBytes] = [0, 0];
  const walk = (name: string, end: number): void => {
    const fields = types.get(name)!;
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = fields.get(tag >>> 3);
      const wireType = tag & 7;
      if (!field || wireType !== LENGTH_DELIMITED) {
        if (field) parts++;
        reader.skipType(wireType);
        continue;
      }
      const length = reader.uint32();
      if (length > end - reader.pos) throw new RangeError('a field is longer than its message');
      const after = reader.pos + length;
      const blob = field === 'string' || field === 'bytes';
      if (types.has(field)) walk(field, after);
      else if (!blob) packedBytes += length;
      if (blob || types.has(field)) parts++;
      reader.pos = after;
    }
  };
  walk(type, bytes.length);
  return { parts, packedBytes };
}

/** Wire type 2 (https://protobuf.dev/programming-guides/encoding/#structure). */
const LENGTH_DELIMITED = 2;

const byId = ({ fields }: IType): ReadonlyMap<number, string> =>
  new Map(Object.values(fields).map(({ id, type }) => [id, type]));
