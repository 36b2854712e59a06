/**
 * A thread that decodes images, one at a time.
 * @module
 */
import { type ErrorBody, HebbError } from '@hebb/model/errors';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import { resizeTo } from '@hebb/model/preprocess/resize';
import { FileDecoder, type ImageSource } from './file.ts';
import { encodeJpeg } from './jpeg.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface InputTask {
  readonly source: ImageSource;
  readonly preprocessing: Pick<Preprocessing, 'resize' | 'crop'>;
}

export interface JpegTask {
  readonly source: string;
  /** Limit of the longer or shorter side, pixels. */
  readonly side: number;
  readonly of: 'longer' | 'shorter';
  /** 1 to 100. */
  readonly quality: number;
}

export type Reply<T> = { readonly result: T } | { readonly error: ErrorBody['error'] };

const decoder = new FileDecoder();

/** Returns errors as data, since structured cloning would turn them into plain errors. */
async function replied<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { result: await work() };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}

/** The network's input. */
export const input = ({ source, preprocessing }: InputTask): Promise<Reply<Uint8Array>> =>
  replied(() => decoder.input(source, preprocessing));

/** Decodes the file as training does, and returns its size: upright, pixels. */
export const size = ({ source }: { readonly source: string }): Promise<Reply<Size>> =>
  replied(async () => {
    const image = await decoder.image(source, { rule: 'shorter-side', size: 320 });
    return { width: image.sourceWidth, height: image.sourceHeight };
  });

/** A reduced JPEG of the picture, without its metadata; a small picture keeps its size. */
export const jpeg = ({ source, side, of, quality }: JpegTask): Promise<Reply<Uint8Array>> =>
  replied(async () => {
    // For a limit on the longer side this decodes more pixels than needed.
    const image = await decoder.image(source, { rule: 'shorter-side', size: side });
    const { sourceWidth: width, sourceHeight: height } = image;
    const scale = Math.min(1, side / (of === 'longer' ? Math.max : Math.min)(width, height));
    const length = (pixels: number) => Math.max(1, Math.round(pixels * scale));
    const small = scale < 1 ? resizeTo(image, length(width), length(height)) : image;
    return await encodeJpeg(small, quality);
  });
