/**
 * Builds a workspace as a package with one JavaScript file and its declarations. The code of other workspaces is
 * bundled, and their declarations are included.
 * @module
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { libraryErrors } from '@hebb/local/error-table';
import { HebbError } from '@hebb/model/errors';
import { build } from 'esbuild';

/** Declarations of all workspaces, which `npm run typecheck` writes. */
const TYPES = join(ROOT, '.cache', 'types', 'shared');

export interface Library {
  /** Folder below shared/. */
  readonly workspace: string;
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Additional files of the package: path in the workspace, by exported name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes the package's files and returns the fields of its package.json. */
export async function buildLibrary(library: Library, out: string): Promise<object> {
  const { workspace, description, dependencies, files = {} } = library;
  const from = join(ROOT, 'shared', workspace);
  await build({
    entryPoints: [join(from, 'index.ts')],
    outfile: join(out, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    plugins: [libraryErrors],
  });
  await copyDeclarations(join(workspace, 'index.d.ts'), join(out, 'types'));
  for (const [name, path] of Object.entries(files))
    await copyFile(join(from, path), join(out, name));
  await copyFile(join(from, 'README.md'), join(out, 'README.md'));
  return {
    name: `@hebb/${workspace}`,
    description,
    type: 'module',
    sideEffects: false,
    exports: {
      '.': { types: `./types/${workspace}/index.d.ts`, default: './index.js' },
      ...Object.fromEntries(Object.keys(files).map((name) => [`./${name}`, `./${name}`])),
    },
    ...(dependencies ? { dependencies } : {}),
  };
}

const SPECIFIER = /(from |import\()(['"])(@hebb\/[^'"]+|\.[^'"]+)\2/g;

/** Copies `entry` and all declarations that it imports. Each workspace becomes a folder in `out`. */
async function copyDeclarations(entry: string, out: string): Promise<void> {
  const copied = new Set<string>();
  const copy = async (file: string): Promise<void> => {
    if (copied.has(file)) return;
    copied.add(file);
    const text = await declarations(file);
    const found: string[] = [];
    const rewritten = text.replace(SPECIFIER, (_, before, quote, name: string) => {
      const target = targetOf(file, name);
      found.push(target);
      const path = relative(dirname(file), target).replace(/\.d\.ts$/, '.js');
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    });
    await mkdir(dirname(join(out, file)), { recursive: true });
    await writeFile(join(out, file), rewritten);
    for (const target of found) await copy(target);
  };
  await copy(entry);
}

async function declarations(file: string): Promise<string> {
  try {
    return await readFile(join(TYPES, file), 'utf8');
  } catch (cause) {
    throw new HebbError('file_not_found', `There are no declarations for shared/${file}.`, {
      hint: 'Run: npm run typecheck',
      cause,
    });
  }
}

/** Path below TYPES of the declaration of `@hebb/model/errors` or `./errors.ts`. */
function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return join(dirname(file), specifier).replace(/\.ts$/, '.d.ts');
  }
  const [, workspace, ...path] = specifier.split('/');
  return join(workspace!, `${path.join('/') || 'index'}.d.ts`);
}
