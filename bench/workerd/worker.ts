/**
 * A Worker with only our engine: POST of pixels with `?runs=N` classifies them N times and answers with the
 * probabilities, float32. It is timed from outside, because the clock of a Worker stands still while it
 * computes.
 * @module
 */

import { type Int8Engine, loadEngine } from '@hebb/engine';
import kernels from 'bench-kernels.wasm';
import spec from 'bench-spec.json';
import weights from 'bench-weights.bin';

let engine: Int8Engine | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    engine ??= loadEngine(kernels, spec, new Uint8Array(weights), { lean: true }); // as the Worker
    const runs = Number(new URL(request.url).searchParams.get('runs'));
    const pixels = new Uint8Array(await request.arrayBuffer());
    let probabilities: Float32Array | undefined;
    for (let i = 0; i < runs; i++) probabilities = engine.classify(pixels);
    return new Response(probabilities?.slice());
  },
};
