/** The bytes of numbers, for `Buffer.equals`, which is much faster than `toEqual`. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
