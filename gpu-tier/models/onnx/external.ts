/**
 * Tensors whose data is in files beside the ONNX model.
 * @module
 */
import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { DATA_LOCATION, type ModelProto, quoted, type TensorProto } from './model.ts';

/**
 * Fills `raw_data` of the tensors whose data is external
 * (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md). The file must be inside the model's folder, so
 * that a model from an untrusted source cannot read other files. Throws `unsupported_model`, or
 * `file_not_found` for a missing data file.
 */
export async function loadExternalData(model: ModelProto, modelPath: string): Promise<void> {
  const attributes = model.graph.node.flatMap((node) => node.attribute ?? []);
  const tensors = [...model.graph.initializer, ...attributes.flatMap(({ t }) => (t ? [t] : []))];
  let left = MAX_BYTES; // for all tensors together, since many may point at one large file
  for (const tensor of tensors) {
    if (tensor.data_location !== DATA_LOCATION.external) continue;
    tensor.raw_data = await readData(tensor, modelPath, left);
    left -= tensor.raw_data.byteLength;
  }
}

/** Far above any GoogLeNet. */
const MAX_BYTES = 1 << 29;

async function readData(tensor: TensorProto, modelPath: string, limit: number) {
  const entries = new Map(tensor.external_data?.map(({ key, value }) => [key, value]));
  const path = await insidePath(tensor, entries.get('location') ?? '', modelPath);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const offset = Number(entries.get('offset') ?? 0);
    const length = Number(entries.get('length') ?? size - offset);
    const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
    if (!fits || offset < 0 || length < 0 || offset + length > size) {
      throw broken(tensor, `asks for bytes ${offset}..${offset + length} of a file of ${size}`);
    }
    if (length > limit)
      throw broken(tensor, `exceeds the limit of ${MAX_BYTES / 2 ** 20} MB for all tensors`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0)
        throw broken(tensor, 'is in a file that was shortened while it was read');
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** The path of a data file with symbolic links resolved. Throws if it is outside the model's folder. */
async function insidePath(tensor: TensorProto, location: string, modelPath: string) {
  const folder = await realpath(dirname(modelPath));
  const outside = () => broken(tensor, `lies outside the model's folder, at ${quoted(location)}`);
  if (location === '' || isAbsolute(location) || location.includes('\0')) throw outside();
  let path: string;
  try {
    path = await realpath(join(folder, location));
  } catch (cause) {
    throw new HebbError('file_not_found', `The data file ${quoted(location)} is missing.`, {
      hint: 'Put it beside the .onnx file: the weights are in it.',
      cause,
    });
  }
  if (!path.startsWith(folder + sep)) throw outside();
  return path;
}

const broken = ({ name }: TensorProto, what: string) =>
  new HebbError('unsupported_model', `The data of the tensor ${quoted(name)} ${what}.`);
