/**
 * The edge's codecs in Node, compiled from the same files that the Worker imports.
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CodecModules } from '../../edge/decode/codec.ts';

const require = createRequire(import.meta.url);

const compile = (file: string) => {
  let module: Promise<WebAssembly.Module> | undefined;
  return () => {
    module ??= WebAssembly.compile(readFileSync(require.resolve(file)));
    return module;
  };
};

export const nodeCodecs: CodecModules = {
  jpeg: compile('@cwasm/jpeg-turbo/jpeg-turbo.wasm'),
  webp: compile('@cwasm/webp/webp.wasm'),
  avif: compile('@jsquash/avif/codec/dec/avif_dec.wasm'),
};
