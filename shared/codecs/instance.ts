/** One instance of a codec's module, for one image or stream, as its TypeScript half needs it. */
export interface CodecInstance {
  /** Calls what the module exports. Throws a HebbError where the codec gives up. */
  call(name: string, ...args: number[]): number;
  /** A pointer to new memory, 16-byte aligned. */
  allocate(bytes: number): number;
  /** Copies the parts, one behind the other, into new memory. */
  copyIn(...parts: readonly Uint8Array[]): number;
  /** A view on the module's memory; valid until it next grows. */
  view(pointer: number, bytes: number): Uint8Array<ArrayBuffer>;
  u32(pointer: number): number;
  /** A C string. */
  text(pointer: number): string;
}
