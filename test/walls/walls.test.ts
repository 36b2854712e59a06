/**
 * The boundaries between workspaces: a file with one forbidden import or global makes `npm run lint` fail, or the
 * compiler. The test works in a copy of the checkout.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { openApiDocument } from '@hebb/worker/openapi/document';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** The folders of workspaces, and the configuration of linter and compiler. */
const FOLDERS = ['shared', 'edge', 'gpu-tier'];

const document = openApiDocument() as { readonly info: { readonly version: string } };

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'hebb-walls-'));
  const settings = (await readdir(ROOT)).filter((name) =>
    /^(biome|tsconfig.*|package)\.json$/.test(name),
  );
  const wanted = (path: string) => !/node_modules|\.safetensors$|\/assembly\//.test(path);
  for (const name of [...settings, ...FOLDERS]) {
    await cp(join(ROOT, name), join(copy, name), {
      recursive: true,
      filter: (path) => wanted(path.slice(ROOT.length)),
    });
  }
  // The linter reads .gitignore only in a git repository.
  await cp(join(ROOT, '.gitignore'), join(copy, '.gitignore'));
  await linkPackages();
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** Links the checkout's packages, and the copy's own workspaces. */
async function linkPackages(): Promise<void> {
  const [from, to] = [join(ROOT, 'node_modules'), join(copy, 'node_modules')];
  await mkdir(join(to, '@hebb'), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== '@hebb') await symlink(join(from, name), join(to, name));
  }
  for (const { folder, name } of await workspaces()) {
    if (name.startsWith('@hebb/')) await symlink(join(copy, folder), join(to, name));
  }
}

interface Workspace {
  readonly folder: string;
  readonly name: string;
  /** Folders of the workspaces that it may import. */
  readonly imports: readonly string[];
  /** Packages that its tests may import, too. */
  readonly inTests: readonly string[];
}

async function workspaces(): Promise<Workspace[]> {
  const read = async (folder: string) =>
    JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const folders: string[] = (await read('.')).workspaces;
  const manifests = await Promise.all(folders.map(read));
  const folderOf = (name: string) => folders[manifests.findIndex((one) => one.name === name)];
  return folders.map((folder, i) => ({
    folder,
    name: manifests[i].name,
    imports: Object.keys(manifests[i].dependencies ?? {}).flatMap((name) => folderOf(name) ?? []),
    inTests: Object.keys(manifests[i].devDependencies ?? {}).flatMap(
      (name) => folderOf(name) ?? [],
    ),
  }));
}

/** The linter's output for files that are added to the copy. */
async function lint(files: Readonly<Record<string, string>>): Promise<string> {
  const paths = Object.keys(files);
  for (const path of paths) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await writeFile(join(copy, path), files[path]!);
  }
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  try {
    await run(process.execPath, [biome, 'lint', ...paths], { cwd: copy });
    return 'clean';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}`;
  } finally {
    for (const path of paths) await rm(join(copy, path));
  }
}

describe('the linter', () => {
  it('accepts a file with allowed imports', async () => {
    const honest =
      "import { HebbError } from '@hebb/model/errors';\nexport const it = HebbError;\n";
    expect(await lint({ 'edge/worker/honest.ts': honest })).toBe('clean');
  });

  it.each([
    ['the trainer in the Worker', 'edge/worker', "export * from '@hebb/train/augment/augment';"],
    ['the Worker in a page', 'edge/pages', "export { LIMITS } from '@hebb/worker/limits';"],
    ['the service in training', 'gpu-tier/train', "export * from '@hebb/serve/batching/batcher';"],
    ['the engine in the model', 'shared/model', "export * from '@hebb/engine';"],
    ['an undeclared npm package', 'shared/model', "export * from 'hono';"],
  ])('reports a forbidden import: %s', async (_, workspace, code) => {
    const found = await lint({ [`${workspace}/intruder.ts`]: `${code}\n` });
    expect(found).toContain('lint/correctness/noUndeclaredDependencies');
  });

  it('reports a relative import of another workspace', async () => {
    const code = "export { LIMITS } from '../../edge/worker/limits.ts';\n";
    const found = await lint({ 'shared/model/intruder.ts': code });
    expect(found).toContain('lint/style/noRestrictedImports');
  });

  it.each([
    ['values', 'export const', '= 1;', 'import'],
    ['types', 'export type', '= 1;', 'import type'],
  ])('reports a cycle of %s', async (_, kind, is, how) => {
    const found = await lint({
      'shared/model/one.ts': `${how} { Two } from './two.ts';\n${kind} One ${is}\nexport type Of = typeof Two;\n`,
      'shared/model/two.ts': `${how} { One } from './one.ts';\n${kind} Two ${is}\nexport type Of = typeof One;\n`,
    });
    expect(found).toContain('lint/suspicious/noImportCycles');
  });

  it.each([
    ['edge/worker', 'document.title'],
    ['edge/worker', 'process.env'],
    ['edge/pages', 'process.env'],
    ['shared/model', 'Buffer.from([])'],
    ['shared/protocol', 'window.name'],
    ['gpu-tier/train', 'document.title'],
    ['gpu-tier/train', '__dirname'],
    ['shared/decode', 'new OffscreenCanvas(1, 1)'],
  ])('reports a global that the runtime lacks: %s, %s', async (workspace, code) => {
    const found = await lint({ [`${workspace}/intruder.ts`]: `export const it = ${code};\n` });
    expect(found).toContain('lint/style/noRestrictedGlobals');
  });

  it('reports a module of Node in the Worker', async () => {
    const found = await lint({ 'edge/worker/intruder.ts': "export * from 'node:fs';\n" });
    expect(found).toContain('lint/correctness/noNodejsModules');
  });
});

/** Paths in quotes that lead into another folder, or name another workspace. */
const QUOTED = /(['"`])((?:\.\.\/|@hebb\/[\w-])[^'"`\n]*)\1/g;

/**
 * What the file names of workspaces that its own does not declare, in whatever way: the linter passes over
 * types, `new URL`, `import.meta.resolve` and folders beside its own.
 */
function strays(all: readonly Workspace[], path: string, text: string): string[] {
  const inside = (file: string) => all.find(({ folder }) => `${file}/`.startsWith(`${folder}/`));
  const own = inside(path)!;
  const tests = path.endsWith('.test.ts') || /^(bench|scripts|test)\//.test(path);
  const declared = [own.folder, ...own.imports, ...(tests ? own.inTests : [])];
  return [...text.matchAll(QUOTED)].flatMap(([, , word]) => {
    if (word!.startsWith('@')) {
      const named = all.find(({ name }) => name === word!.split('/', 2).join('/'));
      return named && !declared.includes(named.folder) ? [`${path}: ${word}`] : [];
    }
    const reached = inside(join(dirname(path), word!));
    // Tests start programs and read samples by their path.
    const allowed = tests ? declared : [own.folder];
    return reached && !allowed.includes(reached.folder) ? [`${path}: ${word}`] : [];
  });
}

describe('what the linter passes over', () => {
  it.each([
    ['a type', 'edge/worker', "import type { Dataset } from '@hebb/train/dataset/dataset';"],
    ['a type within', 'edge/worker', "type D = import('@hebb/train/dataset/dataset').Dataset;"],
    [
      'a file by its URL',
      'gpu-tier/serve',
      "new URL('../train/augment/worker.ts', import.meta.url)",
    ],
    ['a resolved file', 'edge/worker', "import.meta.resolve('@hebb/train/augment/augment');"],
    ['JSON beside it', 'shared/protocol', "import it from '../engine/package.json';"],
    ['what only tests may import', 'gpu-tier/serve', "export * from '@hebb/test/support/data';"],
  ])('is found: %s', async (_, workspace, code) => {
    expect(strays(await workspaces(), `${workspace}/intruder.ts`, code)).toHaveLength(1);
  });

  it('is nowhere in the source', async () => {
    const all = await workspaces();
    const found: string[] = [];
    for (const { folder } of all.filter((one) => FOLDERS.includes(one.folder.split('/')[0]!))) {
      const entries = await readdir(join(ROOT, folder), { recursive: true });
      for (const path of entries.filter((name) => /(?<!\.d)\.[jt]s$/.test(name))) {
        const file = join(folder, path);
        if (file.includes('/assembly/')) continue;
        found.push(...strays(all, file, await readFile(join(ROOT, file), 'utf8')));
      }
    }
    expect(found).toEqual([]);
  });
});

describe('the compiler', () => {
  it.each([
    ['edge/worker', 'HTMLElement.name'],
    ['edge/pages', 'process.pid'],
    ['shared/engine', 'process.pid'],
    ['gpu-tier/images', 'HTMLElement.name'],
  ])('knows only the globals of a workspace’s runtime: %s has no %s', async (workspace, code) => {
    const intruder = join(copy, workspace, 'intruder.ts');
    await writeFile(intruder, `export const it: unknown = ${code};\n`);
    try {
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const compiled = run(process.execPath, [tsc, '-b', workspace], { cwd: copy });
      await expect(compiled).rejects.toMatchObject({
        stdout: expect.stringMatching(/intruder\.ts.*Cannot find name/),
      });
    } finally {
      await rm(intruder);
    }
  });
});

it('all packages of a release have the same version', async () => {
  const folders = ['.', ...(await workspaces()).map(({ folder }) => folder)];
  const manifests = folders.map((folder) => readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const versions = (await Promise.all(manifests)).map((text) => JSON.parse(text).version);
  const python = await readFile(join(ROOT, 'clients/python/src/hebb_client/_version.py'), 'utf8');
  versions.push(/^__version__ = "(.*)"$/m.exec(python)?.[1]);
  versions.push(document.info.version);
  expect(new Set(versions).size).toBe(1);
});

describe('imports between workspaces', () => {
  it('have no cycles', async () => {
    const all = await workspaces();
    const reached = (folder: string, seen: ReadonlySet<string>): void => {
      expect([...seen], `${folder} imports what imports it`).not.toContain(folder);
      for (const next of all.find((one) => one.folder === folder)!.imports) {
        reached(next, new Set([...seen, folder]));
      }
    };
    for (const { folder } of all) reached(folder, new Set());
  });

  it('are listed in docs/architecture.md', async () => {
    const page = await readFile(join(ROOT, 'docs', 'architecture.md'), 'utf8');
    const rows = page.matchAll(/^\| \[`([\w/-]+)`\]\([^)]*\) \| [^|]+ \| ([^|]*) \|/gm);
    const told = Object.fromEntries(
      [...rows].map(([, folder, cell]) => [
        folder!,
        [...cell!.matchAll(/`([\w/-]+)`/g)].map(([, name]) => name!).toSorted(),
      ]),
    );
    const declared = Object.fromEntries(
      (await workspaces()).map(({ folder, imports }) => [folder, imports.toSorted()]),
    );
    expect(told).toEqual(declared);
  });
});
