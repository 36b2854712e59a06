import { build } from 'esbuild';

/** The file `entry` and all that it imports, as one minified module for browsers. */
export const bundle = (entry: string): Promise<string> =>
  bundleCode(`export * from ${JSON.stringify(entry)};`);

/**
 * The same for a piece of code, whose imports are looked up from this folder. `format` is `iife` for
 * a plain script; `external` modules are left for the host to find.
 */
export async function bundleCode(
  code: string,
  format: 'esm' | 'iife' = 'esm',
  external: string[] = [],
): Promise<string> {
  const result = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    format,
    external,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}
