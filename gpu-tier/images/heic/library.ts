/**
 * Calls libheif (with libde265), compiled to WebAssembly, and converts its errors to HebbErrors.
 * @module
 */

import { broken } from '@hebb/decode/bytes';
import { HebbError } from '@hebb/model/errors';
import type { Libheif } from 'libheif-js/libheif-wasm/libheif-bundle.mjs';

/** Some values of `heif_error_code` (heif_error.h). */
const CODE = { unsupportedFile: 3, unsupportedFeature: 4, memory: 6, noPlugin: 11 } as const;
/** Includes codecs that the library was built without. */
const UNSUPPORTED: readonly number[] = [
  CODE.unsupportedFile,
  CODE.unsupportedFeature,
  CODE.noPlugin,
];
/** A value of `heif_suberror_code`. */
const SECURITY_LIMIT = 1000;

/** The library was compiled for at most 2 GiB of memory; a failure near that limit is out of memory. */
const NEAR_END = 0x70000000;

const SILENT = { print: () => {}, printErr: () => {} };

type CallName = keyof Omit<Libheif, 'HEAPU8'>;

/**
 * An instance of the library for one image, so that a damaged file cannot corrupt the memory of others. It takes 16 ms
 * and 17 MB; a photo takes a second.
 */
export class HeifLibrary {
  readonly #library: Libheif;
  /** `heif_error`: code, subcode, address of the message. */
  readonly #error: number;

  private constructor(library: Libheif) {
    this.#library = library;
    this.#error = this.allocate(12);
  }

  /** Loads the library (2 MB of source) on first use. */
  static async open(): Promise<HeifLibrary> {
    const { default: libheif } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs');
    return new HeifLibrary(libheif(SILENT));
  }

  /** Calls a function that returns a number. */
  get(name: CallName, ...args: number[]): number {
    const functions = this.#library as unknown as Record<string, (...args: number[]) => number>;
    try {
      return functions[name]!(...args);
    } catch (cause) {
      // A trap, an abort (also when out of memory), or a C++ exception, which arrives as an address.
      if (this.#library.HEAPU8.length > NEAR_END) throw tooLarge();
      throw broken('its codec cannot read it', cause);
    }
  }

  /** Calls a function that returns a `heif_error`. */
  do(name: CallName, ...args: number[]): void {
    this.get(name, this.#error, ...args);
    const code = this.u32(this.#error);
    const subcode = this.u32(this.#error + 4);
    if (code === 0) return;
    const message = this.#text(this.u32(this.#error + 8));
    if (code === CODE.memory || subcode === SECURITY_LIMIT) throw tooLarge();
    if (UNSUPPORTED.includes(code)) {
      const what = `This kind of HEIC (HEIF) image is not supported (${message}).`;
      throw new HebbError('unsupported_format', what, { hint: 'Export it as JPEG or PNG.' });
    }
    throw broken(`libheif says “${message}”`);
  }

  /** Calls a function that writes an address to its last argument, and returns the address. */
  find(name: CallName, ...args: number[]): number {
    const out = this.allocate(4);
    this.do(name, ...args, out);
    return this.u32(out);
  }

  allocate(bytes: number): number {
    const address = this.get('_malloc', Math.max(1, bytes));
    if (address === 0) throw tooLarge();
    return address;
  }

  copyIn(data: Uint8Array): number {
    const address = this.allocate(data.length);
    this.#library.HEAPU8.set(data, address);
    return address;
  }

  /** Valid until the next call. */
  view(address: number, bytes: number): Uint8Array<ArrayBuffer> {
    return this.#library.HEAPU8.subarray(address, address + bytes);
  }

  u32(address: number): number {
    const { buffer, byteOffset } = this.view(address, 4);
    return new DataView(buffer).getUint32(byteOffset, true);
  }

  /** A C string, at most 200 bytes. */
  #text(address: number): string {
    const bytes = this.view(address, 200);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

const tooLarge = () =>
  new HebbError('image_too_large', 'Decoding this image takes more memory than is available.');
