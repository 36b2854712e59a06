/**
 * The example in docs/api.md, run as it stands there.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { libraryErrors } from '@hebb/local/error-table';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { startWorker } from '@hebb/test/support/worker';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const page = await readFile(join(ROOT, 'docs', 'api.md'), 'utf8');

test('the client has the size that docs/api.md says', async () => {
  const entryPoints = [join(ROOT, 'shared', 'client', 'index.ts')];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    plugins: [libraryErrors],
  });
  const kilobytes = Math.round(outputFiles[0]!.contents.length / 1000);
  expect(page).toContain(`(${kilobytes} KB minified`);
});

test('the example of docs/api.md runs as described', async () => {
  const code = /```ts\n([\s\S]+?)```/.exec(page)![1]!;
  expect(code).toContain("'http://localhost:8787'");
  const worker = await startWorker({ model: BUILT_IN_MODEL });
  // In the package's own folder, so that "@hebb/client" is found as users find it.
  const file = join(ROOT, 'dist', `docs-${process.pid}.ts`);
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  await writeFile(file, code.replace('http://localhost:8787', worker.url.origin));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: ROOT });
    const [classified, ...lines] = stdout.trimEnd().split('\n');
    expect(classified).toMatch(/^sunflowers 0\.\d+ edge$/);
    expect(lines.slice(0, 2)).toEqual(['sunflower sunflowers', 'daisy daisy']);
    expect(lines.at(-2)).toMatch(/^completed 2 /);
    expect(lines.at(-1)).toBe('unsupported_format Send JPEG, PNG, WebP, AVIF or GIF.');
  } finally {
    await worker.close();
    await rm(file);
  }
});
