/**
 * Converts input tensors to the network's images.
 * @module
 */

import type { Manifest } from '@hebb/model';
import { IMAGE_ERRORS } from '@hebb/model/error-table';
import { HebbError } from '@hebb/model/errors';
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
  /** Limit of images per request. */
  readonly maxImages: number;
  /** Called before memory for `bytes` of pixels is allocated. */
  readonly reserve?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** True: an invalid image is reported in `errors`. False: it fails the request. */
  readonly imageErrors?: boolean;
}

export interface ReadImages {
  /** The valid images, in their order. */
  readonly images: Images;
  /** The errors of the others. */
  readonly errors: readonly ImageError[];
}

/** An element of the response parameter `errors`; `index` is the image's place in the request. */
export interface ImageError {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * The images of a request, which has exactly one input: `image`, UINT8 pixels or normalised FP32 values
 * [n, s, s, 3]; or `encoded`, BYTES [n], files in JPEG, PNG, WebP, AVIF, GIF or HEIC.
 */
export async function readImages(
  inputs: readonly InputTensor[],
  reader: ImageReader,
): Promise<ReadImages> {
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
  const dtype = input.datatype === 'UINT8' ? 'uint8' : 'float32';
  return { images: { dtype, count: count!, bytes }, errors: [] };
}

async function readEncoded(
  { shape, datatype, data }: InputTensor,
  { manifest, decode, maxImages, reserve, signal, imageErrors = false }: ImageReader,
): Promise<ReadImages> {
  // Triton's clients often add a dimension, so [n, 1] is accepted too.
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
  const errors: ImageError[] = [];
  const decoded = await Promise.all(
    files.map(async (file, index) => {
      try {
        return await decode(file, preprocessing, signal);
      } catch (error) {
        if (!imageErrors || !isOfImage(error)) throw error;
        errors.push({ index, ...error.toBody().error });
        return undefined;
      }
    }),
  );
  errors.sort((a, b) => a.index - b.index);
  const pixels = decoded.filter((image) => image !== undefined);
  const bytes = pixels.length === 1 ? pixels[0]! : Buffer.concat(pixels);
  return { images: { dtype: 'uint8', count: pixels.length, bytes }, errors };
}

const isOfImage = (error: unknown): error is HebbError =>
  error instanceof HebbError && IMAGE_ERRORS.includes(error.code);

function checkCount(count: number, most: number): void {
  if (count <= most) return;
  throw invalid(`The request has ${count} images; the limit is ${most}.`, 'Send several requests.');
}
