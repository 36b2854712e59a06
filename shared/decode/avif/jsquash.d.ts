/**
 * The decoder half of @jsquash/avif, whose own types declare Emscripten's options incompletely.
 */
declare module '@jsquash/avif/codec/dec/avif_dec.js' {
  interface Options {
    readonly noInitialRun: boolean;
    readonly instantiateWasm: (
      imports: WebAssembly.Imports,
      ready: (instance: { exports: WebAssembly.Exports }) => void,
    ) => WebAssembly.Exports;
  }

  interface Decoder {
    /** RGBA of 8 bits, not premultiplied; null for bad data. Copied out of the codec's memory. */
    decode(
      data: Uint8Array,
      bitDepth: 8,
    ): { data: Uint8ClampedArray; width: number; height: number } | null;
  }

  /**
   * Makes its argument the module. With an `instantiateWasm` that does its work at once, the
   * module is complete when this returns, before the promise resolves.
   */
  export default function createDecoder(module: Options & Partial<Decoder>): Promise<Decoder>;
}
