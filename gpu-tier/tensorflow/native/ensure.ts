import { HebbError } from '@hebb/model/errors';
import { type InstallOptions, installNative } from './install.ts';
import { type Installation, installationFolder, readInstallation } from './installation.ts';

/**
 * The native library, or why it cannot be used and how to fix that. `unavailable`: it is not installed and cannot be.
 * `unusable`: it is installed, but cannot be read.
 */
export type Native =
  | { readonly kind: 'ready'; readonly installation: Installation }
  | {
      readonly kind: 'unavailable' | 'unusable';
      readonly reason: string;
      readonly fix: string;
    };

/**
 * `installNative` for callers that can continue without the library: the tier and the test run. An installed library
 * with CUDA is used for every requested flavour.
 */
export async function ensureNative(options: InstallOptions): Promise<Native> {
  const { cache, host } = options;
  try {
    const gpu = await readInstallation(installationFolder(cache, host, 'gpu'), host);
    const flavour = gpu ? 'gpu' : options.flavour;
    return { kind: 'ready', installation: await installNative({ ...options, flavour }) };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    const kind = error.code === 'native_unusable' ? 'unusable' : 'unavailable';
    return { kind, reason: error.message, fix: error.hint };
  }
}
