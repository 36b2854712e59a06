// Softmax of float32 logits. It has its own exponential, because Math.exp may differ in its last bit
// between engines, and the probabilities are compared bit for bit.

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375; // 9 bits: n * LN2_HIGH is exact for |n| < 2^15
const LN2_LOW: f32 = -2.12194440e-4;

/** exp(x) for x in [-87, 0]; Cephes expf: relative error below 2e-7. */
export function exp(x: f32): f32 {
  const n = Mathf.floor(x * LOG2E + 0.5);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let p: f32 = 1.9875691500e-4;
  p = p * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  const y = p * (r * r) + r + 1.0;
  return y * reinterpret<f32>(((n as i32) + 127) << 23); // 2^n
}

export function f32_softmax_1c_wasm(logits: usize, classes: i32, output: usize): void {
  let top: f32 = load<f32>(logits);
  for (let i: usize = 1; i < <usize>classes; i++) top = max(top, load<f32>(logits + 4 * i));
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>classes; i++) {
    const e = exp(max(load<f32>(logits + 4 * i) - top, <f32>-87.0));
    store<f32>(output + 4 * i, e);
    sum += e;
  }
  for (let i: usize = 0; i < <usize>classes; i++) {
    store<f32>(output + 4 * i, load<f32>(output + 4 * i) / sum);
  }
}
