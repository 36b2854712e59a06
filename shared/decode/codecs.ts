/**
 * The codecs' WebAssembly in a Worker: files imported at build time, since workerd does
 * not compile WebAssembly at run time. Their sources are in shared/decode/codecs.
 * @module
 */

import type { CodecModules } from './arena.ts';
import avif from './codecs/wasm/avif.wasm';
import inflate from './codecs/wasm/inflate.wasm';
import jpeg from './codecs/wasm/jpeg.wasm';
import webp from './codecs/wasm/webp.wasm';

export const workerCodecs: CodecModules = {
  jpeg: async () => jpeg,
  webp: async () => webp,
  avif: async () => avif,
  inflate: async () => inflate,
};
