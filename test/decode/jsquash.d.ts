/** The encoder of @jsquash/avif, since its own types need Emscripten's. */
declare module '@jsquash/avif/codec/enc/avif_enc.js' {
  interface Encoder {
    encode(
      rgba: Uint8Array,
      width: number,
      height: number,
      options: Readonly<Record<string, number | boolean>>,
    ): Uint8Array | null;
  }

  export default function createEncoder(options: {
    readonly noInitialRun: boolean;
    readonly wasmBinary: Uint8Array;
  }): Promise<Encoder>;
}
