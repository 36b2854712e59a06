/**
 * Native TensorFlow for tests; where it is not installed they are skipped, loudly.
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { cacheFolder } from '../../gpu-tier/cli/cache.ts';
import { type Binding, loadBinding } from '../../gpu-tier/native/binding.ts';
import { thisHost } from '../../gpu-tier/native/host.ts';
import { findKernels, loadKernels } from '../../gpu-tier/native/kernels.ts';

const addon = findAddon();

let binding: Binding | undefined;

/** The addon, loaded once in this process. */
export function tensorflow(): Binding {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  binding ??= loadBinding(addon!);
  return binding;
}

/** `describe` for tests that need native TensorFlow. */
export function describeWithTensorFlow(name: string, body: () => void): void {
  if (!addon) console.warn(`SKIPPED for want of native TensorFlow (hebb native install): ${name}`);
  describe.skipIf(!addon)(name, body);
}

const kernels = addon && (await findKernels(dirname(dirname(addon)), thisHost()));

/** `describe` for tests that need our own kernels as well; they are loaded. */
export function describeWithKernels(name: string, body: () => void): void {
  const missing = 'SKIPPED for want of our own kernels, which need Linux on x64 with AVX2';
  if (!kernels) console.warn(`${missing}: ${name}`);
  describe.skipIf(!kernels)(name, () => {
    beforeAll(() => {
      tensorflow(); // TensorFlow first
      loadKernels(kernels!);
    });
    body();
  });
}

function findAddon(): string | undefined {
  const folder = join(cacheFolder({ env: process.env }), 'native');
  const builds = existsSync(folder) ? readdirSync(folder) : [];
  return builds
    .map((build) => join(folder, build, 'tensorflow', 'tfjs_binding.node'))
    .find((path) => existsSync(path));
}
