/**
 * Requests of the Open Inference Protocol, written by hand from its specification.
 * @module
 */
export interface BinaryInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface WantedOutput {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface RequestOptions {
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly outputs?: readonly WantedOutput[];
}

/** A POST of the JSON header, followed by the tensors' bytes. */
export function binaryRequest(
  inputs: readonly BinaryInput[],
  options: RequestOptions = {},
): RequestInit & { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> } {
  const json = Buffer.from(
    JSON.stringify({
      ...options,
      inputs: inputs.map(({ bytes, ...input }) => ({
        ...input,
        parameters: { binary_data_size: bytes.length },
      })),
    }),
  );
  return {
    method: 'POST',
    headers: { 'Inference-Header-Content-Length': String(json.length) },
    body: new Uint8Array(Buffer.concat([json, ...inputs.map(({ bytes }) => bytes)])),
  };
}

/** `n` images as one UINT8 tensor. */
export function pixelRequest(pixels: Uint8Array, side: number, options: RequestOptions = {}) {
  const n = pixels.length / (side * side * 3);
  const shape = [n, side, side, 3];
  return binaryRequest([{ name: 'image', datatype: 'UINT8', shape, bytes: pixels }], options);
}

/** BYTES elements, each preceded by its length. */
export function lengthPrefixed(elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    elements.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Image files as one BYTES tensor. */
export function fileRequest(files: readonly Uint8Array[], options: RequestOptions = {}) {
  const bytes = lengthPrefixed(files);
  return binaryRequest(
    [{ name: 'encoded', datatype: 'BYTES', shape: [files.length], bytes }],
    options,
  );
}

export const jsonRequest = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
});

/** Splits an answer into the JSON header and the bytes after it. */
export async function binaryAnswer(response: Response) {
  const all = new Uint8Array(await response.arrayBuffer());
  const length = Number(response.headers.get('Inference-Header-Content-Length'));
  const json: unknown = JSON.parse(Buffer.from(all.subarray(0, length)).toString());
  return { json, bytes: all.slice(length) };
}
