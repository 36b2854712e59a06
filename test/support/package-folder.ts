import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '@hebb/model';
import { type TestPackageOptions, writeTestPackage } from './package.ts';

export interface TestPackage {
  readonly dir: string;
  readonly manifest: Manifest;
  remove(): Promise<void>;
}

/** A small package in a temporary folder, for all tests of a file. */
export async function testPackage(options: TestPackageOptions = {}): Promise<TestPackage> {
  const dir = await mkdtemp(join(tmpdir(), 'hebb-package-'));
  const manifest = await writeTestPackage(dir, options);
  return { dir, manifest, remove: () => rm(dir, { recursive: true, force: true }) };
}
