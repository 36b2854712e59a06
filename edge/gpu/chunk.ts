/**
 * Images on their way to the GPU tier: one request of the Open Inference Protocol, JSON and a binary
 * tensor behind it.
 * @module
 */

/** How images travel. */
export type Form = 'pixels' | 'encoded';

export interface Chunk {
  readonly form: Form;
  readonly images: number;
  /** JSON, then the tensor. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes of the JSON. */
  readonly headBytes: number;
  /** Each image as it lies in the body: pixels, or a file. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * A chunk of images, copied into its body one by one. `taken` is called for each when that is done,
 * so that its own memory can go: the two are never there at once as a whole.
 * @param side of the square that the model reads, pixels
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
      // 2 is for work in bulk: whoever waits for one image goes first.
      parameters: {
        priority: images.length > 1 ? 2 : 1,
        // A file that is none leaves the others alone, and is told by its index.
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
