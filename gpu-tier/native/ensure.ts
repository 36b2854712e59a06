import { HebbError } from '../../shared/model/errors.ts';
import { type InstallOptions, installNative } from './install.ts';
import { type Installation, installationFolder, readInstallation } from './installation.ts';

/**
 * Whether there is a native library to run on; if not, why, and what would help. `unusable`: one is
 * installed, which is another matter than `unavailable`, where there is none and none to be had.
 */
export type Native =
  | { readonly kind: 'ready'; readonly installation: Installation }
  | {
      readonly kind: 'unavailable' | 'unusable';
      readonly reason: string;
      readonly fix: string;
    };

/**
 * `installNative` for those who go on without: the tier's start and the test run. A library with
 * CUDA that somebody installed counts as the one that was asked for.
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
