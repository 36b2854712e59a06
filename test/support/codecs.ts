/**
 * The edge's codecs in Node, compiled from the same files that the Worker imports.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { CodecModules, CodecName } from '../../shared/decode/codec-pool.ts';

/** AVIF's is made by the bootstrap, the others are committed. */
const FOLDERS = { jpeg: 'codecs/wasm', webp: 'codecs/wasm', avif: 'decode/dist' };

const compile = (name: CodecName) => {
  const file = new URL(`../../shared/${FOLDERS[name]}/${name}.wasm`, import.meta.url);
  let module: Promise<WebAssembly.Module> | undefined;
  return () => {
    module ??= WebAssembly.compile(readFileSync(file));
    return module;
  };
};

export const nodeCodecs: CodecModules = {
  jpeg: compile('jpeg'),
  webp: compile('webp'),
  avif: compile('avif'),
};
