import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagePages } from '@hebb/local/build-pages';
import { expect, it } from 'vitest';

/** Most bytes of script that the page at / may load, uncompressed, including the engine's Web Worker. */
const BUDGET = 63 * 1024;

it('the page at / loads less than 63 KB of script', async () => {
  const assets = await mkdtemp(join(tmpdir(), 'hebb-pages-'));
  const { outputs } = await stagePages(assets);
  await rm(assets, { recursive: true });
  const builtFrom = (source: string) =>
    Object.keys(outputs).find((path) => outputs[path]!.entryPoint === `edge/pages/${source}`)!;
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next } of outputs[path]!.imports) load(next);
  };
  for (const source of ['theme.ts', 'index.ts', 'engine/worker.ts']) load(builtFrom(source));
  const bytes = [...loaded].reduce((sum, path) => sum + outputs[path]!.bytes, 0);
  expect(bytes).toBeGreaterThan(20_000); // it found the scripts
  expect(bytes).toBeLessThan(BUDGET);
});
