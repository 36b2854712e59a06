/**
 * The codecs' WebAssembly in a Worker: files imported at build time, since workerd compiles none
 * at run time. scripts/build-codecs.ts makes them.
 * @module
 */
import type { CodecModules } from './codec-pool.ts';
import avif from './dist/avif.wasm';
import jpeg from '../codecs/wasm/jpeg.wasm';
import webp from './dist/webp.wasm';

export const workerCodecs: CodecModules = {
  jpeg: async () => jpeg,
  webp: async () => webp,
  avif: async () => avif,
};
