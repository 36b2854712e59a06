/**
 * The codecs' WebAssembly in Node, compiled from the files that the Worker imports.
 * @module
 */
import { readFile } from 'node:fs/promises';
import type { CodecModules, CodecName } from '../../shared/decode/arena.ts';

const compiled = (name: CodecName) => {
  const file = new URL(`../../shared/codecs/wasm/${name}.wasm`, import.meta.url);
  let module: Promise<WebAssembly.Module> | undefined;
  return () => {
    module ??= readFile(file).then((bytes) => WebAssembly.compile(bytes));
    return module;
  };
};

/** Each is compiled when it is first wanted. */
export const nodeCodecs = (): CodecModules => ({
  jpeg: compiled('jpeg'),
  webp: compiled('webp'),
  avif: compiled('avif'),
  inflate: compiled('inflate'),
});
