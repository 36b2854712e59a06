import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { moduleOf, WASM } from '@hebb/test/codecs/instance';
import { describe, expect, it } from 'vitest';

const SOURCES = new URL('../', WASM);

/** What a Worker carries, KiB at most. The library code is most of each. */
const LARGEST: Record<string, number> = {
  jpeg: 100,
  webp: 140,
  avif: 690,
  inflate: 28,
  'jpeg-encoder': 120,
};

/** Pages that a module declares: its stack, data and tables. AV1's tables take five of them. */
const pagesOf = (name: string): number => (name === 'avif' ? 7 : 2);

interface Checksums {
  readonly sources: Record<string, string>;
  readonly outputs: Record<string, string>;
}

const recorded: Checksums = JSON.parse(readFileSync(new URL('checksums.json', WASM), 'utf8'));
const sha256 = (file: URL) => createHash('sha256').update(readFileSync(file)).digest('hex');
const filesIn = (folder: URL, wanted: RegExp) => readdirSync(folder).filter((f) => wanted.test(f));

describe('shared/decode/codecs/wasm is what build.sh made', () => {
  it('every output, to the byte', () => {
    const outputs = filesIn(WASM, /\.wasm$/).map((file) => [file, sha256(new URL(file, WASM))]);
    expect(Object.fromEntries(outputs)).toEqual(recorded.outputs);
  });

  it('matches the committed sources: a change needs a rebuild', () => {
    const written = /\.(c|h|patch)$|^build\.sh$|^sources\.json$/;
    const ofAvif = filesIn(new URL('avif/', SOURCES), written).map((file) => `avif/${file}`);
    const sources = [...filesIn(SOURCES, written), ...ofAvif];
    const hashes = sources.map((file) => [file, sha256(new URL(file, SOURCES))]);
    expect(Object.fromEntries(hashes)).toEqual(recorded.sources);
  });
});

describe.each(filesIn(WASM, /\.wasm$/).map((file) => file.replace('.wasm', '')))(
  '%s.wasm',
  (name) => {
    it('imports only its memory and a function that reports failure', () => {
      const imports = WebAssembly.Module.imports(moduleOf(name));
      expect(imports.map((i) => `${i.module}.${i.name}`)).toEqual(['env.memory', 'env.fail']);
    });

    it('runs on the declared pages, or on a larger memory', () => {
      const env = { fail: () => {} };
      for (const initial of [pagesOf(name), 40]) {
        const memory = new WebAssembly.Memory({ initial, maximum: 65_536 });
        const instance = new WebAssembly.Instance(moduleOf(name), { env: { ...env, memory } });
        const heapEnd = (instance.exports.heap_end as () => number)();
        expect(heapEnd).toBeLessThan(pagesOf(name) * 65_536);
        expect(memory.buffer.byteLength).toBe(initial * 65_536);
      }
    });

    it('is small', () => {
      const bytes = readFileSync(new URL(`${name}.wasm`, WASM)).length;
      expect(bytes).toBeLessThan((LARGEST[name] ?? 0) * 1024);
    });
  },
);
