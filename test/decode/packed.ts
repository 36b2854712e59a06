/**
 * Packs many images into one body for the decoding Worker (worker.ts). Each image is preceded by its resize
 * target and its length, 32 bits each.
 * @module
 */
import type { Preprocessing } from '@hebb/model';

export type Sizing = Pick<Preprocessing, 'resize' | 'crop'>;

export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of the resize before the crop, pixels. */
  readonly side: number;
}

/** A network whose crop is 7/8 of `side`, as GoogLeNet's 224 of 256 pixels. */
export const sizingOf = (side: number): Sizing => ({
  resize: { rule: 'warp', size: side },
  crop: (side * 7) / 8,
});

const HEAD_BYTES = 8;

export function pack(images: readonly Packed[]): Uint8Array<ArrayBuffer> {
  const total = images.reduce((sum, { bytes }) => sum + HEAD_BYTES + bytes.length, 0);
  const body = new Uint8Array(total);
  const view = new DataView(body.buffer);
  let at = 0;
  for (const { bytes, side } of images) {
    view.setUint32(at, side);
    view.setUint32(at + 4, bytes.length);
    body.set(bytes, at + HEAD_BYTES);
    at += HEAD_BYTES + bytes.length;
  }
  return body;
}

export function* unpack(body: Uint8Array): Generator<{ bytes: Uint8Array; sizing: Sizing }> {
  const view = new DataView(body.buffer, body.byteOffset);
  for (let at = 0; at < body.length; ) {
    const length = view.getUint32(at + 4);
    const begin = at + HEAD_BYTES;
    yield { bytes: body.subarray(begin, begin + length), sizing: sizingOf(view.getUint32(at)) };
    at = begin + length;
  }
}
