/**
 * Rewrites a WebAssembly binary so that it imports its memory instead of making one.
 * Binary format: https://webassembly.github.io/spec/core/binary/modules.html
 * @module
 */

const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const MEMORY_KIND = 2;

interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

/**
 * The same module with its one memory imported as `env.memory`. Nothing else changes: functions
 * keep their indices, and an export of the memory now exports the imported one.
 */
export function importMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readSections(module);
  const memory = sections.find(({ id }) => id === MEMORY_SECTION);
  const imports = sections.find(({ id }) => id === IMPORT_SECTION);
  if (!memory || !imports) throw new Error('The module has no memory of its own, or no imports.');
  const out: number[][] = [Array.from(module.subarray(0, 8))];
  for (const { id, content } of sections) {
    if (id === MEMORY_SECTION) continue;
    const body = id === IMPORT_SECTION ? withMemory(content, memory.content) : content;
    out.push([id, ...leb(body.length)], Array.from(body));
  }
  return Uint8Array.from(out.flat());
}

/** The import section with one entry more. */
function withMemory(imports: Uint8Array, memories: Uint8Array): Uint8Array {
  const [count, start] = readLeb(imports, 0);
  const [own, limits] = readLeb(memories, 0);
  if (own !== 1) throw new Error(`The module has ${own} memories.`);
  const [minimum] = readLeb(memories, limits + 1);
  // No maximum: the memory that is imported sets its own.
  const entry = [...name('env'), ...name('memory'), MEMORY_KIND, 0, ...leb(minimum)];
  return Uint8Array.from([...leb(count + 1), ...imports.subarray(start), ...entry]);
}

function readSections(module: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < module.length; ) {
    const [size, content] = readLeb(module, at + 1);
    sections.push({ id: module[at]!, content: module.subarray(content, content + size) });
    at = content + size;
  }
  return sections;
}

/** An unsigned LEB128 number at `at`, and where the next byte is. */
function readLeb(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes[next++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, next];
  }
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(Math.floor(value / 128))];
}

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
