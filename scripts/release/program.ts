/**
 * Builds the command line as a package: the files of the GPU tier and the shared workspaces in the same folders as
 * here, as JavaScript, since Node does not strip types below node_modules.
 * @module
 */
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { BINDING } from '@hebb/tensorflow/native/compile';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The workspaces of the command line. The edge is deployed from a checkout. */
const WORKSPACES = [
  'shared/model',
  'shared/decode',
  'shared/protocol',
  'shared/engine',
  'shared/client',
  'gpu-tier/images',
  'gpu-tier/packages',
  'gpu-tier/tensorflow',
  'gpu-tier/models',
  'gpu-tier/serve',
  'gpu-tier/train',
  'gpu-tier/cli',
];

/** Files that are not published; of the codecs only the compiled ones are, with their licences. */
const LEFT_OUT = new RegExp(
  [
    String.raw`\.test\.ts$|\.d\.ts$|tsconfig\.json$|/\.stamp$|/kernels/assembly/`,
    String.raw`/codecs/(?!.*(\.wasm|\.ts|LICENSES\.md)$)`,
    String.raw`^(?!shared/model/default/).*/README\.md$`,
  ].join('|'),
);

/** Large and rarely needed, so they are peer dependencies; a command that needs one reports it. */
const OPTIONAL = ['wrangler'];

/** Sources of the compiled addon, copied into the package, since its own install script downloads from elsewhere. */
const VENDORED = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'];

/** Writes the package's files and returns the fields of its package.json. */
export async function buildProgram(out: string): Promise<object> {
  const dependencies: Record<string, string> = {};
  for (const workspace of WORKSPACES) {
    await copyWorkspace(workspace, out);
    const manifest = await manifestOf(workspace);
    Object.assign(dependencies, manifest.dependencies);
  }
  for (const [name, folder] of Object.entries(BINDING)) {
    await cp(folder(), join(out, 'vendor', name), { recursive: true });
  }
  // The binding is under Apache-2.0, as this project is; the headers bring their own licence.
  await cp(join(ROOT, 'LICENSE'), join(out, 'vendor', 'binding', 'LICENSE'));
  await cp(join(BINDING.headers(), '..', 'LICENSE'), join(out, 'vendor', 'headers', 'LICENSE'));
  await cp(join(ROOT, 'gpu-tier', 'cli', 'README.md'), join(out, 'README.md'));
  const main = join(out, 'bin', 'hebb.js');
  await mkdir(dirname(main), { recursive: true });
  await writeFile(main, "#!/usr/bin/env node\nimport '../gpu-tier/cli/main.js';\n");
  await chmod(main, 0o755);
  const { description } = await manifestOf('gpu-tier/cli');
  const kept = Object.entries(dependencies).filter(
    ([name]) => !name.startsWith('@hebb/') && !VENDORED.includes(name),
  );
  return {
    name: 'hebb',
    description,
    type: 'module',
    bin: { hebb: 'bin/hebb.js' },
    engines: { node: '>=20.19' },
    dependencies: Object.fromEntries(kept.filter(([name]) => !OPTIONAL.includes(name)).sort()),
    peerDependencies: Object.fromEntries(
      kept.filter(([name]) => OPTIONAL.includes(name)).map(([name, at]) => [name, `^${at}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };
}

const manifestOf = async (workspace: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(ROOT, workspace, 'package.json'), 'utf8')) as Manifest;

/** What code reads of its workspace's package.json; the rest is of the checkout. */
async function shortManifest(workspace: string): Promise<string> {
  const { name, version, description } = await manifestOf(workspace);
  return JSON.stringify({ name, version, description, type: 'module' }, null, 2);
}

async function copyWorkspace(workspace: string, out: string): Promise<void> {
  const entries = await readdir(join(ROOT, workspace), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const from = join(entry.parentPath, entry.name);
    const path = relative(ROOT, from);
    if (!entry.isFile() || LEFT_OUT.test(path)) continue;
    const to = join(out, path);
    await mkdir(dirname(to), { recursive: true });
    if (entry.name === 'package.json') await writeFile(to, await shortManifest(workspace));
    else if (extname(from) !== '.ts') await cp(from, to);
    else {
      const code = stripTypeScriptTypes(await readFile(from, 'utf8'));
      await writeFile(to.replace(/\.ts$/, '.js'), asInstalled(path, code));
    }
  }
}

const QUOTED = /(['"`])(@hebb\/[^'"`\s]+|\.\.?\/[^'"`\s]*\.ts)\1/g;

/** Rewrites imports for the package: workspaces by path, TypeScript as JavaScript. */
function asInstalled(path: string, code: string): string {
  return code.replace(QUOTED, (_, quote: string, name: string) => {
    if (name.startsWith('.')) return `${quote}${name.replace(/\.ts$/, '.js')}${quote}`;
    const [, workspace, ...rest] = name.split('/');
    const folder = WORKSPACES.find((one) => one.endsWith(`/${workspace}`));
    if (!folder) return `${quote}${name}${quote}`;
    const file = rest.join('/') || 'index';
    const target = join(folder, /\.\w+$/.test(file) ? file : `${file}.js`);
    const to = relative(dirname(path), target);
    return `${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`;
  });
}
