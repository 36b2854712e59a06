import { HebbError } from '../../shared/model/errors.ts';
import { DATA_TYPE, quoted, type ValueInfoProto } from '../onnx/model.ts';

/** Sides that a package may have. */
const [SMALLEST, LARGEST] = [32, 1024];

/**
 * Side of the file's square input [n, 3, side, side], pixels. A file that leaves it open gets
 * `wanted`, or 224. Throws `unsupported_model` for other shapes and types.
 */
export function inputSize(input: ValueInfoProto, wanted = 224): number {
  const tensor = input.type?.tensor_type;
  const type = tensor?.elem_type ?? DATA_TYPE.float;
  if (type !== DATA_TYPE.float && type !== DATA_TYPE.float16) {
    throw unsupported(input, `holds data of type ${type}, expected float32`);
  }
  const dims = tensor?.shape?.dim?.map(({ dim_value: value }) => value || undefined);
  if (!dims) return wanted;
  const [, channels, height, width] = dims;
  const shape = `[${dims.map((n) => n ?? '?')}]`;
  if (dims.length !== 4) throw unsupported(input, `is ${shape}, expected [n, 3, 224, 224]`);
  if (channels === undefined || channels === 3) {
    const side = height ?? width ?? wanted;
    const square = (height ?? side) === side && (width ?? side) === side;
    if (square && side >= SMALLEST && side <= LARGEST) return side;
    throw unsupported(input, `is ${shape}, expected a square of ${SMALLEST} to ${LARGEST} pixels`);
  }
  const layout = width === 3 ? ' (channels last: export it with channels first)' : '';
  throw unsupported(input, `is ${shape}, expected three channels${layout}`);
}

const unsupported = (input: ValueInfoProto, what: string) =>
  new HebbError('unsupported_model', `The input ${quoted(input.name)} ${what}.`);
