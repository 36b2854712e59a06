/**
 * Prepares the image codec of node_modules for the edge: `shared/decode/dist/avif.wasm`, the same code
 * on the memory that all codecs share. Why: shared/decode/codec-pool.ts.
 * @module
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { shareMemory } from './codecs/share-memory.ts';

const CODECS = {
  avif: '@jsquash/avif/codec/dec/avif_dec.wasm',
};

const folder = fileURLToPath(new URL('../shared/decode/dist/', import.meta.url));
const require = createRequire(import.meta.url);

await mkdir(folder, { recursive: true });
for (const [name, file] of Object.entries(CODECS)) {
  await writeFile(`${folder}${name}.wasm`, shareMemory(await readFile(require.resolve(file))));
}
