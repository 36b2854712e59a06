/**
 * The committed codecs without the decoder, each instance with its own memory.
 * @module
 */
import { readFileSync } from 'node:fs';
import { Workspace } from '@hebb/decode/arena';

export const WASM = new URL('../../shared/decode/codecs/wasm/', import.meta.url);

const modules = new Map<string, WebAssembly.Module>();

export function moduleOf(name: string): WebAssembly.Module {
  const known = modules.get(name);
  if (known) return known;
  const module = new WebAssembly.Module(readFileSync(new URL(`${name}.wasm`, WASM)));
  modules.set(name, module);
  return module;
}

/** In pages of 64 KiB: the declared minimum of every module, and 256 MiB. */
const PAGES = { initial: 2, maximum: 4096 };

export const instantiate = (name: string, memory = new WebAssembly.Memory(PAGES)): Workspace =>
  new Workspace(memory, moduleOf(name));
