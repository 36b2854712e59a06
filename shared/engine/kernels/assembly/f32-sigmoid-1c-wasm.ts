// Sigmoid of float32 logits, for classifiers whose classes do not exclude each other.
import { exp } from './f32-softmax-1c-wasm';

export function f32_sigmoid_1c_wasm(logits: usize, classes: i32, output: usize): void {
  for (let i: usize = 0; i < <usize>classes; i++) {
    const x = load<f32>(logits + 4 * i);
    const e = exp(max(-abs(x), <f32>-87.0));
    store<f32>(output + 4 * i, (x < 0 ? e : <f32>1.0) / (<f32>1.0 + e));
  }
}
