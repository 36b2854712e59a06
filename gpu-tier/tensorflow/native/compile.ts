import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { type Environment, runCommand } from './command.ts';
import type { Host } from './host.ts';
import type { Distribution } from './wheels.ts';

export interface CompileOptions {
  /** Contains the wheel's folder `tensorflow` with libraries and `include`. */
  readonly folder: string;
  /** Path of the output. */
  readonly addon: string;
  readonly compiler: string;
  readonly distribution: Distribution;
  readonly host: Host;
  readonly env: Environment;
}

/**
 * Compiles the addon of @tensorflow/tfjs-node-gpu against TensorFlow's library, which the addon later loads from its
 * own folder. Calls the compiler directly: node-gyp would download all of Node's headers, but the addon needs only
 * the four of Node-API.
 *
 * Throws `native_unavailable` with the compiler's first error.
 */
export async function compileAddon(options: CompileOptions): Promise<void> {
  const { compiler, env } = options;
  const { code, stderr } = await runCommand(compiler, compilerArguments(options), { env });
  if (code === 0) return;
  const error = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.trim();
  throw new HebbError('native_unavailable', `The addon does not compile: ${error}`, {
    hint: 'Try another compiler: CXX=clang++ hebb native install',
  });
}

function compilerArguments(options: CompileOptions): string[] {
  const { folder, addon, distribution, host } = options;
  const sources = BINDING.binding();
  const tensorflow = join(folder, 'tensorflow');
  return [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-w'],
    ...['-I', join(tensorflow, 'include')],
    '-I',
    BINDING.headers(),
    ...['tfjs_binding.cc', 'tfjs_backend.cc'].map((file) => join(sources, file)),
    // Full paths; the linker records the libraries' own names (soname).
    ...distribution.libraries.map((file) => join(tensorflow, file)),
    // Node's symbols stay undefined, which is the default on Linux and an option on macOS.
    ...(host.platform === 'darwin'
      ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path']
      : ['-Wl,-rpath,$ORIGIN']),
    ...['-o', addon],
  ];
}

/** What the addon is compiled from; the published package brings both along. */
export const BINDING = {
  binding: () => sourceFolder('binding', '@tensorflow/tfjs-node-gpu', 'binding'),
  headers: () => sourceFolder('headers', 'node-api-headers', 'include'),
} as const;

function sourceFolder(vendored: string, name: string, folder: string): string {
  const brought = join(import.meta.dirname, '../../../vendor', vendored);
  return existsSync(brought) ? brought : join(packageFolder(name), folder);
}

function packageFolder(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (cause) {
    throw new HebbError('native_unavailable', `The npm package ${name} is not installed.`, {
      hint: 'Run npm install.',
      cause,
    });
  }
}
