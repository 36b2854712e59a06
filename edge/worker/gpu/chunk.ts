/**
 * The request body for the GPU tier: JSON and a binary tensor, by the Open Inference Protocol.
 * @module
 */

/** How images are sent: as the model's input, or as files. */
export type Form = 'pixels' | 'encoded';

export interface Chunk {
  readonly form: Form;
  readonly images: number;
  /** JSON, then the tensor. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes of the JSON. */
  readonly headBytes: number;
  /** Views of the images in the body. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Copies images into a request body one by one. `taken` is called after each copy, so that the original
 * can be freed: images and body are never both in memory as a whole.
 * @param side of the model's input, pixels
 */
export function makeChunk(
  form: Form,
  images: readonly Uint8Array<ArrayBuffer>[],
  side: number,
  taken: (index: number) => void = () => {},
): Chunk {
  const framing = form === 'encoded' ? 4 : 0;
  const bytes = images.reduce((sum, image) => sum + framing + image.length, 0);
  const head = new TextEncoder().encode(
    JSON.stringify({
      // 2 is for bulk work: requests of one image go first.
      parameters: {
        priority: images.length > 1 ? 2 : 1,
        // A broken file is reported by its index and does not fail the others.
        ...(form === 'encoded' && { image_errors: true }),
      },
      inputs: [
        {
          ...(form === 'pixels'
            ? { name: 'image', datatype: 'UINT8', shape: [images.length, side, side, 3] }
            : { name: 'encoded', datatype: 'BYTES', shape: [images.length] }),
          parameters: { binary_data_size: bytes },
        },
      ],
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }],
    }),
  );
  const body = new Uint8Array(head.length + bytes);
  body.set(head);
  const view = new DataView(body.buffer);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = head.length;
  for (const [i, image] of images.entries()) {
    const { length } = image;
    if (form === 'encoded') view.setUint32(at, length, true);
    body.set(image, at + framing);
    taken(i);
    parts.push(body.subarray(at + framing, at + framing + length));
    at += framing + length;
  }
  return { form, images: images.length, body, headBytes: head.length, parts };
}
