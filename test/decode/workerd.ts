/**
 * Runs test/decode/worker.ts in real workerd, by Miniflare.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { Miniflare } from 'miniflare';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

interface WasmModule {
  readonly type: 'wasm';
  readonly contents: Uint8Array<ArrayBuffer>;
}

export async function startDecoder(): Promise<Miniflare> {
  const { script, wasm } = await bundle();
  const main = { type: 'esm', contents: script } as const;
  const manifest = { mainModule: 'worker.js', modules: { 'worker.js': main, ...wasm } };
  const config = { name: 'decode', compatibilityDate: '2026-01-01', manifest };
  return new Miniflare({ workers: [{ config }] });
}

/** Bundles the Worker into one script, with imported `.wasm` files as separate modules, as wrangler does. */
async function bundle() {
  const wasm: Record<string, WasmModule> = {};
  const plugin: Plugin = {
    name: 'compiled-wasm',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /\.wasm$/ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === 'inner') return undefined;
        const found = await resolve(path, { resolveDir, kind, pluginData: 'inner' });
        const name = basename(found.path);
        wasm[name] = { type: 'wasm', contents: new Uint8Array(await readFile(found.path)) };
        return { path: `./${name}`, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [WORKER],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    plugins: [plugin],
  });
  return { script: outputFiles[0]!.text, wasm };
}
