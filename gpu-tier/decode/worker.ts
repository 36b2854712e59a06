/**
 * A thread that decodes images, one at a time, and does what is computed with their pixels.
 * @module
 */
import { type ErrorBody, HebbError } from '../../shared/model/errors.ts';
import type { Preprocessing } from '../../shared/model/preprocess/preprocessing.ts';
import { resizeTo } from '../../shared/model/preprocess/resize.ts';
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
  /** Most pixels of the longer or shorter side. */
  readonly side: number;
  readonly of: 'longer' | 'shorter';
  /** 1 to 100. */
  readonly quality: number;
}

export type Reply<T> = { readonly result: T } | { readonly error: ErrorBody['error'] };

const decoder = new FileDecoder();

/** Errors travel as data: structured cloning would make them plain errors. */
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

/** Decodes the file as training does, for no more than its size: upright, pixels. */
export const size = ({ source }: { readonly source: string }): Promise<Reply<Size>> =>
  replied(async () => {
    const image = await decoder.image(source, { rule: 'shorter-side', size: 320 });
    return { width: image.sourceWidth, height: image.sourceHeight };
  });

/** A smaller JPEG of the picture, without its metadata; as large as it is where it is small already. */
export const jpeg = ({ source, side, of, quality }: JpegTask): Promise<Reply<Uint8Array>> =>
  replied(async () => {
    // A longer side of `side` leaves the shorter one less: decoded finer than it needs.
    const image = await decoder.image(source, { rule: 'shorter-side', size: side });
    const { sourceWidth: width, sourceHeight: height } = image;
    const scale = Math.min(1, side / (of === 'longer' ? Math.max : Math.min)(width, height));
    const length = (pixels: number) => Math.max(1, Math.round(pixels * scale));
    const small = scale < 1 ? resizeTo(image, length(width), length(height)) : image;
    return await encodeJpeg(small, quality);
  });
