import { HebbError } from '../../shared/model/errors.ts';
import { DATA_TYPE, type NodeProto, quoted, type TensorProto } from './model.ts';

/** What a Constant node holds, as a tensor, whichever of its attributes it uses. */
export function constantOf(node: NodeProto): TensorProto {
  const attribute = node.attribute?.[0];
  const name = node.output[0] ?? '';
  const floats = (values: readonly number[], dims: number[]): TensorProto => ({
    name,
    dims,
    data_type: DATA_TYPE.float,
    float_data: values,
  });
  const integers = (values: readonly number[], dims: number[]): TensorProto => ({
    name,
    dims,
    data_type: DATA_TYPE.int64,
    int64_data: values,
  });
  switch (attribute?.name) {
    case 'value':
      if (attribute.t) return attribute.t;
      break;
    case 'value_float':
      return floats([attribute.f ?? 0], []);
    case 'value_floats':
      return floats(attribute.floats ?? [], [attribute.floats?.length ?? 0]);
    case 'value_int':
      return integers([attribute.i ?? 0], []);
    case 'value_ints':
      return integers(attribute.ints ?? [], [attribute.ints?.length ?? 0]);
  }
  throw new HebbError('unsupported_model', `The Constant ${quoted(name)} holds no numbers.`);
}
