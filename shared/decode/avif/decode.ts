/**
 * AVIF by libavif and libaom (npm: @jsquash/avif), whose Emscripten glue is given the compiled
 * module and a memory that cannot outgrow what was reserved. The glue is imported when it is first
 * wanted; where there is no ImageData (workerd, Node) it defines a global of that name.
 * @module
 */
import { HebbError, type ReducedImage } from '../../model/index.ts';
import { megabytes } from '../budget.ts';
import { broken } from '../bytes.ts';
import type { CodecPool } from '../codec-pool.ts';
import { reduceRgba } from '../pixels.ts';
import type { Reduction } from '../reduce.ts';
import type { AvifHeader } from './header.ts';

/**
 * Decodes the primary picture.
 * @param codecBytes most that the codec's memory may come to
 */
export async function decodeAvif(
  pool: CodecPool,
  bytes: Uint8Array,
  header: AvifHeader,
  reduction: Reduction,
  codecBytes: number,
): Promise<ReducedImage> {
  const wasm = await pool.module('avif');
  const { default: createDecoder } = await import('@jsquash/avif/codec/dec/avif_dec.js');
  let full = false;
  const module: Parameters<typeof createDecoder>[0] = {
    noInitialRun: true,
    instantiateWasm: (imports, ready) => {
      const { instance } = pool.instantiate('avif', wasm, imports);
      const exports = limitMemory(instance.exports, codecBytes, () => {
        full = true;
      });
      ready({ exports });
      return exports;
    },
  };
  // No await from here to the picture: the memory is the next image's as soon as we let go.
  createDecoder(module).catch(() => {});
  const picture = attempt(() => module.decode!(bytes, 8));
  if (full) {
    const message = `Decoding this AVIF takes more memory than its header told (${megabytes(codecBytes)}).`;
    throw new HebbError('image_too_large', message);
  }
  if (!picture) throw broken('its picture data are damaged or cut off');
  const { width, height } = picture;
  if (width !== header.width || height !== header.height) {
    throw broken('its picture has another size than its header');
  }
  return reduceRgba(picture.data, { x: 0, y: 0, width, height }, header, reduction);
}

/** Emscripten throws traps, C++ exceptions (as numbers) and aborts; each means bad data here. */
function attempt<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch {
    return null;
  }
}

/**
 * The same exports, but with a memory that refuses to grow past `bytes`: the size in an AVIF's
 * header is no promise about its AV1 data. The codec then finds itself out of memory.
 */
function limitMemory(exports: WebAssembly.Exports, bytes: number, refused: () => void) {
  const limited = (memory: WebAssembly.Memory) => ({
    get buffer() {
      return memory.buffer;
    },
    grow(pages: number) {
      if (memory.buffer.byteLength + pages * 65_536 <= bytes) return memory.grow(pages);
      refused();
      throw new RangeError('over the budget');
    },
  });
  const entries = Object.entries(exports).map(([name, value]) => {
    return [name, value instanceof WebAssembly.Memory ? limited(value) : value];
  });
  return Object.fromEntries(entries);
}
