/** One instance of a codec's module, for one image or stream. */
export interface CodecInstance {
  /** Calls a function of the module. Throws a HebbError when the codec fails. */
  call(name: string, ...args: number[]): number;
  /** A pointer to new memory, 16-byte aligned. */
  allocate(bytes: number): number;
  /** Copies the parts, one after another, into new memory. */
  copyIn(...parts: readonly Uint8Array[]): number;
  /** A view of the module's memory; valid until the memory grows. */
  view(pointer: number, bytes: number): Uint8Array<ArrayBuffer>;
  u32(pointer: number): number;
  /** A C string. */
  text(pointer: number): string;
}
