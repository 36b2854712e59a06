/**
 * The codecs' WebAssembly in a Worker: files imported at build time, since workerd compiles none
 * at run time. shared/codecs/build.sh makes them, scripts/build-codecs.ts AVIF's.
 * @module
 */
import jpeg from '../codecs/wasm/jpeg.wasm';
import webp from '../codecs/wasm/webp.wasm';
import type { CodecModules } from './codec-pool.ts';
import avif from './dist/avif.wasm';

export const workerCodecs: CodecModules = {
  jpeg: async () => jpeg,
  webp: async () => webp,
  avif: async () => avif,
};
