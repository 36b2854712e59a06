/**
 * The metadata of an ONNX file: onnx.proto, ModelProto.metadata_props, which the importer has no use
 * for. ONNX Runtime gives it as `custom_metadata_map`.
 * @module
 */
import protobuf from 'protobufjs/light.js';

const type = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: { metadata_props: { rule: 'repeated', type: 'StringStringEntryProto', id: 14 } },
    },
    StringStringEntryProto: {
      fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } },
    },
  },
}).lookupType('ModelProto');

/** Bytes to be appended to those of a ModelProto. */
export function encodeMetadata(entries: Readonly<Record<string, string>>): Uint8Array {
  const metadata_props = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return type.encode(type.fromObject({ metadata_props })).finish();
}

/** The metadata of an ONNX file, by key. */
export function decodeMetadata(file: Uint8Array): Record<string, string> {
  const { metadata_props } = type.toObject(type.decode(file), { arrays: true }) as {
    metadata_props: { readonly key: string; readonly value: string }[];
  };
  return Object.fromEntries(metadata_props.map(({ key, value }) => [key, value]));
}
