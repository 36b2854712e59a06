/**
 * Rounds float32 to bfloat16 (the upper 16 bits of float32), to nearest even, as TensorFlow's Cast does. Returns
 * raw bits. The values must be finite: NaN is not handled.
 */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const rounded = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    rounded[i] = (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return rounded;
}
