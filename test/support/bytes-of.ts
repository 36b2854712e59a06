/** The bytes of numbers: what `Buffer.equals` compares in an instant, and `toEqual` one by one. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
