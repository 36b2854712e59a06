/**
 * Decodes image files in Node with the decoder of the edge: the same pixels and the same errors. It additionally
 * decodes HEIC, and images that need more memory than an isolate has.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CodecModules, type CodecName, DecodeArena } from '@hebb/decode/arena';
import { toSrgb } from '@hebb/decode/colour/transform';
import { type DecodedImage, decodeImage, decodeInput } from '@hebb/decode/decode';
import { isHeic } from '@hebb/decode/heic';
import { planDecode } from '@hebb/decode/plan';
import type { Reduction, Target } from '@hebb/decode/reduce';
import { HebbError } from '@hebb/model/errors';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import { type ReducedImage, toInput } from '@hebb/model/preprocess/resize';
import { decodeHeic } from './heic/decode.ts';

/** Memory limit for one image: enough for the largest one, 268 megapixels, decoded in full and rotated. */
const MOST_BYTES = 2e9;

/** A larger arena is freed after the image. */
const KEPT_BYTES = 128e6;

/** The codec from the WebAssembly file that the Worker imports; compiled on first use. */
const compiled = (name: CodecName) => {
  const file = fileURLToPath(import.meta.resolve(`@hebb/decode/codecs/wasm/${name}.wasm`));
  let module: Promise<WebAssembly.Module> | undefined;
  return () => {
    module ??= readFile(file).then((bytes) => WebAssembly.compile(bytes));
    return module;
  };
};

/** The codecs' WebAssembly modules in Node. */
export const nodeCodecs = (): CodecModules => ({
  jpeg: compiled('jpeg'),
  webp: compiled('webp'),
  avif: compiled('avif'),
  inflate: compiled('inflate'),
});

/** A path, or the bytes of an encoded image. */
export type ImageSource = string | Uint8Array;

/** Like `DecodedImage`, also for HEIC. */
export interface FileImage extends ReducedImage {
  readonly format: DecodedImage['format'] | 'heic';
  /** Size of the file's picture, upright, pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/**
 * Decodes on the calling thread. Use one decoder per thread: it reuses its memory for each image.
 */
export class FileDecoder {
  readonly #arena = new DecodeArena(nodeCodecs(), MOST_BYTES);

  /** The network's input, equal to the edge's: uint8 RGB [crop, crop, 3]. */
  async input(
    source: ImageSource,
    preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#decode(source, async (file) => {
      if (isHeic(file)) {
        const options = { target: preprocessing.resize, limitBytes: MOST_BYTES };
        const { image, colour } = await decodeHeic(file, options);
        const input = toInput(image, preprocessing);
        if (colour) toSrgb(input, colour);
        return input;
      }
      const plan = planDecode(file, preprocessing.resize);
      return await decodeInput(file, plan, this.#arena, preprocessing);
    });
  }

  /**
   * The picture, reduced to 1/1, 1/2, 1/4 or 1/8, the smallest that has enough pixels for `target`. Its colours are
   * converted to sRGB before a resize, while `input` converts after it: for a picture that is not sRGB the two
   * differ by 0.3 grey levels on average.
   */
  async image(source: ImageSource, target: Target, reduction?: Reduction): Promise<FileImage> {
    return await this.#decode(source, async (file) => {
      if (isHeic(file)) {
        const heic = await decodeHeic(file, { target, reduction, limitBytes: MOST_BYTES });
        const { image, colour, ...size } = heic;
        if (colour) toSrgb(image.data, colour);
        return { ...image, ...size, format: 'heic' };
      }
      const options = { arena: this.#arena, target, ...(reduction && { reduction }) };
      return await decodeImage(file, options);
    });
  }

  async #decode<T>(source: ImageSource, decode: (file: Uint8Array) => Promise<T>): Promise<T> {
    try {
      return await decode(typeof source === 'string' ? await readFile(source) : source);
    } catch (cause) {
      throw typeof source === 'string' ? named(cause, source) : cause;
    } finally {
      if (this.#arena.memoryBytes() > KEPT_BYTES) this.#arena.drop();
    }
  }
}

/** The error with the path in its message. */
function named(cause: unknown, path: string): unknown {
  if (cause instanceof HebbError) {
    const { code, message, hint } = cause;
    return new HebbError(code, `${path}: ${message}`, { hint, cause });
  }
  if (cause instanceof Error && 'code' in cause) {
    return new HebbError('file_not_found', `${path} cannot be read: ${cause.message}`, { cause });
  }
  return cause;
}
