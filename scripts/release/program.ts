/**
 * The command line as a package: the GPU tier's and the shared workspaces' files in the folders that they
 * have here, as JavaScript, since Node strips no types of what is installed.
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

/** What the command line is made of; the edge is deployed from a checkout. */
const WORKSPACES = [
  ...['shared/model', 'shared/decode', 'shared/protocol', 'shared/engine', 'shared/client'],
  ...['gpu-tier/images', 'gpu-tier/packages', 'gpu-tier/tensorflow', 'gpu-tier/models'],
  ...['gpu-tier/serve', 'gpu-tier/train', 'gpu-tier/cli'],
];

/** Of the codecs' folder only what they were compiled to, with its licences. */
const LEFT_OUT = new RegExp(
  [
    String.raw`\.test\.ts$|\.d\.ts$|tsconfig\.json$|/\.stamp$|/kernels/assembly/`,
    String.raw`/codecs/(?!.*(\.wasm|\.ts|LICENSES\.md)$)`,
    String.raw`^(?!shared/model/default/).*/README\.md$`,
  ].join('|'),
);

/** Big, and wanted by few: they are named when they are missing. */
const OPTIONAL = ['wrangler'];

/** Parts of the compiled addon, brought along: its package's install script needs more than the registry. */
const VENDORED = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'];

/** Writes the package's files and returns what its package.json says of them. */
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

/** Names files as they lie in the package: workspaces by path, TypeScript as JavaScript. */
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
