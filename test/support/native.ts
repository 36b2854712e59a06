/**
 * TensorFlow's native library, as `hebb native install` put it on this machine.
 * @module
 */

import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation, type Installation } from '@hebb/tensorflow/native/installation';
import { cacheFolder } from 'hebb/cache';
import { describe } from 'vitest';

const installation = await findInstallation(cacheFolder({ env: process.env }), thisHost());

/** `describe` for tests that need the native library (Hebb's own `npm test` installs it). */
export function describeNative(name: string, body: (native: Installation) => void): void {
  if (installation) describe(name, () => body(installation));
  else {
    console.warn(`SKIPPED for want of native TensorFlow (hebb native install): ${name}`);
    describe.skip(name, () => body({ addon: '', folder: '' } as Installation));
  }
}
