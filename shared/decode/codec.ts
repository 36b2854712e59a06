/**
 * The interface between JavaScript and the codecs' modules; shared/decode/codecs/arena.h is the other side.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { broken } from './bytes.ts';

/** Functions of a codec: C's ints and pointers. */
export type CodecExports = Readonly<Record<string, (...args: number[]) => number>>;

/** `fail_kind` of arena.h. All other kinds mean that the codec cannot read the file. */
const OUT_OF_MEMORY = 2;

/** Thrown through the codec's frames in place of C's longjmp; the instance is lost. */
export class CodecFailure extends Error {
  readonly #kind: number;

  constructor(kind: number, message: string) {
    super(message);
    this.#kind = kind;
  }

  toHebbError(): HebbError {
    if (this.#kind === OUT_OF_MEMORY) return outOfMemory();
    return broken(this.message || 'its picture data are damaged or cut off', this);
  }
}

export const outOfMemory = () =>
  new HebbError('image_too_large', 'Decoding this image takes more memory than there is.');

/** Imports of every codec: the memory, and a function that throws. */
export function codecImports(memory: WebAssembly.Memory): WebAssembly.Imports {
  const fail = (kind: number, message: number) => {
    throw new CodecFailure(kind, message === 0 ? '' : codecText(memory, message));
  };
  return { env: { memory, fail } };
}

/** A C string, of at most 256 characters. */
export function codecText(memory: WebAssembly.Memory, pointer: number): string {
  const bytes = new Uint8Array(memory.buffer, pointer).subarray(0, 256);
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
}
