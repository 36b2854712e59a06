/**
 * The ways in which a TensorProto can store its numbers.
 * @module
 */
import {
  DATA_LOCATION,
  DATA_TYPE,
  type ModelProto,
  type TensorProto,
} from '@hebb/models/onnx/model';

/** Float tensors as `float_data`, one number per field element. */
export const withTypedData = (model: ModelProto): ModelProto =>
  mapFloats(model, ({ raw_data, ...tensor }) => ({
    ...tensor,
    float_data: [...floatsOf(raw_data!)],
  }));

/** Float tensors rounded to float16. The graph then needs float16 input. */
export const withHalfData = (model: ModelProto): ModelProto =>
  mapFloats(model, (tensor) => {
    const halves = Uint16Array.from(floatsOf(tensor.raw_data!), floatToHalf);
    return { ...tensor, data_type: DATA_TYPE.float16, raw_data: new Uint8Array(halves.buffer) };
  });

/** Float tensors in an external file `location` beside the model. */
export function withExternalData(model: ModelProto, location: string) {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const external = mapFloats(model, ({ raw_data, ...tensor }) => {
    const entries = { location, offset: String(offset), length: String(raw_data!.byteLength) };
    chunks.push(raw_data!);
    offset += raw_data!.byteLength;
    return {
      ...tensor,
      data_location: DATA_LOCATION.external,
      external_data: Object.entries(entries).map(([key, value]) => ({ key, value })),
    };
  });
  return { model: external, data: Buffer.concat(chunks) };
}

function mapFloats(model: ModelProto, change: (tensor: TensorProto) => TensorProto): ModelProto {
  const initializer = model.graph.initializer.map((tensor) =>
    tensor.data_type === DATA_TYPE.float ? change(tensor) : tensor,
  );
  return { ...model, graph: { ...model.graph, initializer } };
}

const floatsOf = (raw: Uint8Array): Float32Array => new Float32Array(raw.slice().buffer);

/** Rounds to the nearest binary16 (normal numbers and zero; ties upwards). */
export function floatToHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign | Math.round(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign + ((exponent + 15) << 10) + Math.round((magnitude / 2 ** exponent - 1) * 1024);
}
