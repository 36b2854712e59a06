/**
 * Rewrites a codec's WebAssembly so that instances can share one memory, one after another.
 *
 * As they come, the modules make a memory of their own, and those that wasi-libc is linked into
 * take their heap from the memory's very end (`sbrk` is `memory.grow`): a second instance on a
 * memory that has grown would leave all of it unused. So the memory is imported, and its end is a
 * variable of the instance, which grows into what is there before it asks for more.
 *
 * It is done in the text format, with Binaryen, which AssemblyScript brings.
 * @module
 */
import binaryen from 'assemblyscript/binaryen';

/** The heap's end and its growth, as `memory.size` and `memory.grow` would have them, in pages. */
const growth = (initialPages: number) => `
  (global $heap-end (mut i32) (i32.const ${initialPages}))
  (func $grow-heap (param $pages i32) (result i32)
    (local $before i32)
    (local $after i32)
    (local.set $before (global.get $heap-end))
    (local.set $after (i32.add (local.get $before) (local.get $pages)))
    (if (i32.gt_u (local.get $after) (memory.size))
      (then
        (if (i32.eq (memory.grow (i32.sub (local.get $after) (memory.size))) (i32.const -1))
          (then (return (i32.const -1))))))
    (global.set $heap-end (local.get $after))
    (local.get $before))`;

/** The same code on an imported memory, `env.memory`. */
export function shareMemory(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(wasm);
  const text = module.emitText();
  module.dispose();
  const own = /\n \(memory (\S+) (\d+)( \d+)?\)/.exec(text);
  const firstImport = text.indexOf('\n (import ');
  if (!own || firstImport < 0) throw new Error('The module makes no memory, or has no imports.');
  const [definition, name, pages] = own;
  const imported = `\n (import "env" "memory" (memory ${name} ${pages}))`;
  let shared = text.replace(definition, '');
  // Emscripten's heap (libavif) asks JavaScript to grow it, and begins where it is told.
  if (shared.includes('(memory.grow')) {
    shared = shared
      .replaceAll('(memory.size)', '(global.get $heap-end)')
      .replaceAll('(memory.grow', '(call $grow-heap')
      .replace(/\)\s*$/, `${growth(Number(pages))}\n)`);
  }
  const result = binaryen.parseText(
    shared.slice(0, firstImport) + imported + shared.slice(firstImport),
  );
  result.setFeatures(binaryen.Features.All); // for the validator alone
  if (!result.validate()) throw new Error('The module that shares its memory is not valid.');
  const binary = result.emitBinary();
  result.dispose();
  return new Uint8Array(binary);
}
