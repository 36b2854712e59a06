import { build } from 'esbuild';

/** Bundles the file `entry` with its imports into one minified module for browsers. */
export const bundle = (entry: string): Promise<string> =>
  bundleCode(`export * from ${JSON.stringify(entry)};`);

/**
 * Bundles a piece of code, whose imports are resolved from this folder.
 * @param format `iife` for a plain script
 * @param external modules that are not bundled, because the host provides them
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
