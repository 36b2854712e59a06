/**
 * A Worker that holds our engine and nothing else: POST pixels with `?runs=N` classifies them N times
 * and answers the probabilities, float32. Its own clock stands still while it computes, as every
 * Worker's may, so it is timed from outside.
 * @module
 */

import { type Int8Engine, loadEngine } from '@hebb/engine';
import kernels from 'bench-kernels.wasm';
import spec from 'bench-spec.json';
import weights from 'bench-weights.bin';

let engine: Int8Engine | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    engine ??= loadEngine(kernels, spec, new Uint8Array(weights), { lean: true }); // as the Worker does;
    const runs = Number(new URL(request.url).searchParams.get('runs'));
    const pixels = new Uint8Array(await request.arrayBuffer());
    let probabilities: Float32Array | undefined;
    for (let i = 0; i < runs; i++) probabilities = engine.classify(pixels);
    return new Response(probabilities?.slice());
  },
};
