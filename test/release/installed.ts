/**
 * An empty project with one of our packages, installed from its packed file.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { withLock } from '@hebb/packages/storage/lock';
import { afterAll } from 'vitest';

const run = promisify(execFile);

export interface Project {
  readonly dir: string;
  /** Writes a file of the project. */
  write(path: string, text: string): Promise<void>;
  /** Runs Node in the project, and returns its output. */
  node(...args: string[]): Promise<string>;
  /** Compiles TypeScript files of the project in strict mode. */
  typecheck(...files: string[]): Promise<void>;
}

/** Packs `name` with the release script and installs it. Call it once, before the tests of a file. */
export async function installed(name: 'engine' | 'client' | 'hebb'): Promise<Project> {
  const file = await withLock(join(ROOT, '.cache', 'release.lock'), async () => {
    const script = join(ROOT, 'scripts', 'release.ts');
    const { stdout } = await run(process.execPath, [script, '--pack-only', name]);
    return stdout.trim();
  });
  const dir = await mkdtemp(join(tmpdir(), 'hebb-installed-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'package.json'), '{ "private": true, "type": "module" }');
  const options = { cwd: dir, maxBuffer: 1e8 };
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', file, ...quiet], options);
  return {
    dir,
    write: async (path, text) => {
      await mkdir(join(dir, path, '..'), { recursive: true });
      await writeFile(join(dir, path), text);
    },
    node: async (...args) => (await run(process.execPath, args, options)).stdout,
    typecheck: async (...files) => {
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const strict = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--noEmit'];
      const types = ['--lib', 'es2022,dom,dom.iterable,dom.asynciterable', '--types', ''];
      await run(process.execPath, [tsc, ...strict, ...types, ...files], options).catch((error) => {
        throw new Error(`${error.stdout}`);
      });
    },
  };
}

/** The code block of a README below a heading. */
export async function exampleOf(readme: string, heading: string): Promise<string> {
  const text = await readFile(join(ROOT, readme), 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1] ?? '';
  const code = /```js\n([\s\S]*?)```/.exec(section)?.[1];
  if (!code) throw new Error(`${readme} has no example below "${heading}".`);
  return code;
}
