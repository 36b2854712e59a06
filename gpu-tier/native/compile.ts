import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { type Environment, runCommand } from './command.ts';
import type { Host } from './host.ts';
import type { Distribution } from './wheels.ts';

export interface CompileOptions {
  /** Holds the wheel's folder `tensorflow`: libraries and `include`. */
  readonly folder: string;
  /** The file to make. */
  readonly addon: string;
  readonly compiler: string;
  readonly distribution: Distribution;
  readonly host: Host;
  readonly env: Environment;
}

/**
 * Compiles the addon of @tensorflow/tfjs-node-gpu against TensorFlow's library, which it looks for
 * in its own folder. The compiler is called directly: the package's node-gyp would download all of
 * Node's headers, where the addon includes the four of Node-API alone.
 *
 * Throws `native_unavailable` with what the compiler says.
 */
export async function compileAddon(options: CompileOptions): Promise<void> {
  const { compiler, env } = options;
  const { code, stderr } = await runCommand(compiler, compilerArguments(options), { env });
  if (code === 0) return;
  const error = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.trim();
  throw new HebbError('native_unavailable', `The addon does not compile: ${error}`, {
    hint: 'Name another compiler: CXX=clang++ hebb native install',
  });
}

function compilerArguments(options: CompileOptions): string[] {
  const { folder, addon, distribution, host } = options;
  const sources = join(packageFolder('@tensorflow/tfjs-node-gpu'), 'binding');
  const tensorflow = join(folder, 'tensorflow');
  return [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-w'],
    ...['-I', join(tensorflow, 'include')],
    ...['-I', join(packageFolder('node-api-headers'), 'include')],
    ...['tfjs_binding.cc', 'tfjs_backend.cc'].map((file) => join(sources, file)),
    // Full paths: the linker takes the names by which the libraries call themselves.
    ...distribution.libraries.map((file) => join(tensorflow, file)),
    // On Linux Node's own symbols stay open by default; macOS wants to be told.
    ...(host.platform === 'darwin'
      ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path']
      : ['-Wl,-rpath,$ORIGIN']),
    ...['-o', addon],
  ];
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
