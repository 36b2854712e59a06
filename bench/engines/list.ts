import type { BenchEngine } from './engine.ts';
import { hebbNode } from './hebb-node.ts';
import { hebbPage } from './hebb-page.ts';
import { hebbWorkerd } from './hebb-workerd.ts';
import { litertFloat32, litertInt8 } from './litert.ts';
import { ortNodeFloat32, ortNodeInt8, ortWebFloat32, ortWebInt8 } from './onnxruntime.ts';
import { tfjsWasm } from './tfjs-wasm.ts';

/** Every engine that is measured, in the order of the table. */
export const ENGINES: readonly BenchEngine[] = [
  hebbNode,
  hebbPage,
  hebbWorkerd,
  tfjsWasm,
  ortWebFloat32,
  ortWebInt8,
  litertFloat32,
  litertInt8,
  ortNodeFloat32,
  ortNodeInt8,
];
