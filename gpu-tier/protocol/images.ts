/**
 * From input tensors to the images that the network reads.
 * @module
 */
import type { Manifest } from '../../shared/model/index.ts';
import type { Images } from '../host/served-model.ts';
import { invalid } from './request.ts';
import type { InputTensor } from './tensors.ts';

/** Decodes one encoded image to uint8 RGB [crop, crop, 3], off the main thread. */
export type Decode = (
  bytes: Uint8Array,
  preprocessing: Manifest['preprocessing'],
  signal?: AbortSignal,
) => Promise<Uint8Array>;

export interface ImageReader {
  readonly manifest: Manifest;
  readonly decode: Decode;
  /** Most images in one request. */
  readonly maxImages: number;
  /** Called before so many bytes of pixels are made. */
  readonly reserve?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The images of a request: exactly one input, either `image`, UINT8 pixels or FP32 normalised
 * values [n, s, s, 3], or `encoded`, BYTES [n], files in JPEG, PNG, WebP, AVIF or GIF.
 */
export async function readImages(
  inputs: readonly InputTensor[],
  reader: ImageReader,
): Promise<Images> {
  const { inputSize } = reader.manifest.network;
  const [input, ...others] = inputs;
  if (!input || others.length > 0) throw invalid('Send one input: "image" or "encoded".');
  if (input.name === 'encoded') return readEncoded(input, reader);
  if (input.name !== 'image') {
    throw invalid(`There is no input "${input.name}".`, 'The inputs are "image" and "encoded".');
  }
  const [count, height, width, channels] = input.shape;
  const fits = height === inputSize && width === inputSize && channels === 3;
  if (!fits || input.shape.length !== 4 || input.datatype === 'BYTES') {
    const got = `${input.datatype} [${input.shape}]`;
    throw invalid(`"image" is ${got}, expected UINT8 or FP32 [n,${inputSize},${inputSize},3].`);
  }
  checkCount(count!, reader.maxImages);
  const values = input.data as Uint8Array | Float32Array;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { dtype: input.datatype === 'UINT8' ? 'uint8' : 'float32', count: count!, bytes };
}

async function readEncoded(
  { shape, datatype, data }: InputTensor,
  { manifest, decode, maxImages, reserve, signal }: ImageReader,
): Promise<Images> {
  // Triton's clients like to add a dimension: [n, 1] is as good.
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (datatype !== 'BYTES' || !flat) {
    throw invalid(`"encoded" is ${datatype} [${shape}], expected BYTES [n].`);
  }
  const files = data as Uint8Array[];
  const count = shape[0]!;
  if (files.length !== count) throw invalid(`"encoded" holds ${files.length} files, not ${count}.`);
  checkCount(count, maxImages);
  const { preprocessing } = manifest;
  reserve?.(count * preprocessing.crop ** 2 * 3);
  const decoded = await Promise.all(files.map((file) => decode(file, preprocessing, signal)));
  return { dtype: 'uint8', count, bytes: count === 1 ? decoded[0]! : Buffer.concat(decoded) };
}

function checkCount(count: number, most: number): void {
  if (count <= most) return;
  throw invalid(`${count} images in one request are more than ${most}.`, 'Send them in several.');
}
