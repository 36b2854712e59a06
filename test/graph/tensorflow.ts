/**
 * Native TensorFlow for tests. Without it they are skipped with a message.
 * @module
 */

import { type Binding, loadBinding } from '@hebb/tensorflow/native/binding';
import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation } from '@hebb/tensorflow/native/installation';
import { loadKernels } from '@hebb/tensorflow/native/kernels';
import { cacheFolder } from 'hebb/cache';
import { beforeAll, describe } from 'vitest';

const installation = await findInstallation(cacheFolder({ env: process.env }), thisHost());

let binding: Binding | undefined;

/** The addon, loaded once in this process. */
export function tensorflow(): Binding {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  binding ??= loadBinding(installation!.addon);
  return binding;
}

/** Loads our own kernels if they are installed; returns whether they are. */
export function ownKernelsLoaded(): boolean {
  const kernels = installation?.kernels;
  if (kernels === undefined) return false;
  tensorflow(); // the kernels need a loaded TensorFlow
  loadKernels(kernels);
  return true;
}

/** `describe` for tests that need native TensorFlow. */
export function describeWithTensorFlow(name: string, body: () => void): void {
  if (!installation)
    console.warn(`SKIPPED without native TensorFlow (hebb native install): ${name}`);
  describe.skipIf(!installation)(name, body);
}

/** `describe` for tests that need our own kernels too. Loads them. */
export function describeWithKernels(name: string, body: () => void): void {
  const missing = 'SKIPPED without our own kernels, which need Linux on x64 with AVX2';
  const kernels = installation?.kernels;
  if (!kernels) console.warn(`${missing}: ${name}`);
  describe.skipIf(!kernels)(name, () => {
    beforeAll(() => void ownKernelsLoaded());
    body();
  });
}
