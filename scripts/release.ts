/**
 * `npm run release`: builds the published packages `@hebb/engine`, `@hebb/client` and `hebb` in dist/packages, and
 * publishes them. With `--dry-run` it packs them, and `npm publish` reports what it would upload.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import protocol from '@hebb/protocol/package.json' with { type: 'json' };
import packageJson from './package.json' with { type: 'json' };
import { buildLibrary } from './release/library.ts';
import { buildProgram } from './release/program.ts';

const FOLDER = join(ROOT, 'dist', 'packages');

/** Fields of all packages. They have the same version. */
const COMMON = { version: packageJson.version, license: 'Apache-2.0' };

const BUILDS: Readonly<Record<string, (out: string) => Promise<object>>> = {
  engine: (out) =>
    buildLibrary(
      {
        workspace: 'engine',
        description: 'GoogLeNet in 8-bit integers on WASM SIMD, for Node, browsers and Workers.',
        files: {
          'relaxed.wasm': 'kernels/dist/relaxed.wasm',
          'simd128.wasm': 'kernels/dist/simd128.wasm',
        },
      },
      out,
    ),
  client: (out) =>
    buildLibrary(
      {
        workspace: 'client',
        description: 'The client of Hebb, for browsers, Node and Workers.',
        // Its declarations use zod's types; its code does not need zod.
        dependencies: { zod: protocol.dependencies.zod },
      },
      out,
    ),
  hebb: buildProgram,
};

/** Writes the declarations of the published workspaces, as `npm run typecheck` does. */
function writeDeclarations(): void {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const workspaces = ['engine', 'client'].map((name) => join(ROOT, 'shared', name));
  execFileSync(process.execPath, [tsc, '-b', ...workspaces], { stdio: ['ignore', 2, 2] });
}

/** Makes one package and packs it. Returns the path of the packed file. */
async function pack(name: string): Promise<string> {
  const out = join(FOLDER, name);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const described = await BUILDS[name]!(out);
  await copyFile(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  await writeFile(join(out, 'package.json'), JSON.stringify({ ...described, ...COMMON }, null, 2));
  const printed = npm(['pack', '--json', '--pack-destination', FOLDER], out);
  const [{ filename }] = JSON.parse(printed) as [{ filename: string }];
  return join(FOLDER, filename);
}

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, 'pack-only': { type: 'boolean' } },
  allowPositionals: true,
});
writeDeclarations();
for (const name of positionals.length > 0 ? positionals : Object.keys(BUILDS)) {
  const file = await pack(name);
  console.log(file);
  if (values['pack-only']) continue;
  const args = ['publish', file, '--access', 'public'];
  process.stdout.write(npm(values['dry-run'] ? [...args, '--dry-run'] : args, FOLDER));
}
