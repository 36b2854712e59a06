/**
 * TensorFlow's native library, as installed on this machine by `hebb native install`.
 * @module
 */

import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation, type Installation } from '@hebb/tensorflow/native/installation';
import { cacheFolder } from 'hebb/cache';
import { describe } from 'vitest';

const installation = await findInstallation(cacheFolder({ env: process.env }), thisHost());

/** The backend of float32: native TensorFlow where it is installed, else WebAssembly. */
export const floatBackend: Partial<Pick<Installation, 'addon' | 'kernels'>> = installation ?? {};

/** `describe` for tests that need the native library, which `npm test` installs. */
export function describeNative(name: string, body: (native: Installation) => void): void {
  if (installation) describe(name, () => body(installation));
  else {
    console.warn(`SKIPPED without native TensorFlow (hebb native install): ${name}`);
    describe.skip(name, () => body({ addon: '', folder: '' } as Installation));
  }
}
