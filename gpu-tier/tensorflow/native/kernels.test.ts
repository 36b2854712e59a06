import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeNative } from '@hebb/test/support/native';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { expect, it } from 'vitest';
import { thisHost } from './host.ts';
import { findKernels, provideKernels } from './kernels.ts';

const host = thisHost();

describeNative('our own kernels', ({ folder }) => {
  it('are compiled once for each kind of CPU', async () => {
    const first = await provideKernels({ folder, host, env: process.env });
    if (first.kind === 'none') {
      expect(first.reason).toMatch(/Linux on x64|The CPU has no/);
      return;
    }
    const made = await stat(first.file);
    const onCompile = () => expect.unreachable('it was there');
    expect(await provideKernels({ folder, host, env: process.env, onCompile })).toEqual(first);
    expect((await stat(first.file)).mtimeMs).toBe(made.mtimeMs);
    expect(await findKernels(folder, host)).toBe(first.file);
  });

  it('are omitted without a compiler, or if it fails', async () => {
    const empty = await temporaryFolder();
    await mkdir(join(empty, 'tensorflow'));
    const options = { folder: empty, host: { ...host, platform: 'linux', arch: 'x64' } };
    const none = await provideKernels({ ...options, env: { PATH: '', CXX: 'no-such-compiler' } });
    expect(none).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('No C++ compiler'),
    });

    const broken = join(empty, 'c++');
    const script = '#!/bin/sh\n[ "$1" = --version ] || { echo "error: no" >&2; exit 1; }\n';
    await writeFile(broken, script, { mode: 0o755 });
    const failed = await provideKernels({ ...options, env: { ...process.env, CXX: broken } });
    expect(failed).toMatchObject({ kind: 'none', reason: expect.stringContaining('error: no') });
    expect(await readdir(join(empty, 'tensorflow'))).toEqual([]);
    expect(await findKernels(empty, host)).toBeUndefined();
  });

  it('are for Linux on x64', async () => {
    const elsewhere = { ...host, platform: 'darwin', arch: 'arm64' };
    const { kind } = await provideKernels({ folder, host: elsewhere, env: process.env });
    expect(kind).toBe('none');
  });
});
