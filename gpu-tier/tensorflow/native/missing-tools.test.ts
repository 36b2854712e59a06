import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describeWithPip, PYTHON, pythonWithoutPip } from '@hebb/test/support/wheel';
import { nativeCommand } from 'hebb/native';
import { describe, expect, it } from 'vitest';
import { compileAddon } from './compile.ts';
import { ensureNative } from './ensure.ts';
import { DISTRIBUTIONS } from './wheels.ts';

const HOST = { platform: 'linux', arch: 'x64', glibc: '2.36' };

/** Tries to install with these variables as the whole environment. */
async function install(env: Record<string, string>) {
  const cache = await temporaryFolder();
  const native = await ensureNative({ cache, host: HOST, flavour: 'cpu', env, fetch });
  expect(existsSync(join(cache, 'wheels'))).toBe(false); // nothing was downloaded in vain
  return native;
}

describeWithPip('a machine that lacks something', () => {
  it('without Python gets a hint how to install it', async () => {
    expect(await install({ PATH: await temporaryFolder() })).toEqual({
      kind: 'unavailable',
      reason: 'python3 or python was not found.',
      fix: expect.stringContaining('apt-get install python3-pip'),
    });
  });

  it('without pip', async () => {
    const python = pythonWithoutPip(await temporaryFolder());
    expect(await install({ HEBB_PYTHON: python, PATH: process.env.PATH! })).toMatchObject({
      kind: 'unavailable',
      reason: `${python} has no pip.`,
    });
  });

  it('without a compiler', async () => {
    const env = { HEBB_PYTHON: PYTHON, PATH: await temporaryFolder() };
    expect(await install(env)).toEqual({
      kind: 'unavailable',
      reason: 'No C++ compiler: c++, g++, clang++.',
      fix: expect.stringContaining('apt-get install g++'),
    });
  });

  it('fails `hebb native install`, and passes it with --optional', async () => {
    const env = { HEBB_CACHE: await temporaryFolder(), PATH: await temporaryFolder() };
    const commands = [(cli: Parameters<typeof nativeCommand>[0]) => nativeCommand(cli, HOST)];
    const failed = await hebb(['native', 'install'], { commands, env });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('error native_unavailable: python3 or python was not found.');
    const passed = await hebb(['native', 'install', '--optional'], { commands, env });
    expect(passed.code).toBe(0);
    expect(passed.stderr).toContain('No native TensorFlow: python3 or python was not found.');
    expect(passed.stderr).toContain('→ sudo apt-get install');
  });

  it('needs no tools if there is no TensorFlow for it', async () => {
    const cache = await temporaryFolder();
    const host = { platform: 'win32', arch: 'x64', glibc: undefined };
    const native = await ensureNative({ cache, host, flavour: 'cpu', env: {}, fetch });
    expect(native).toMatchObject({ reason: 'There is no TensorFlow library for win32-x64.' });
  });
});

describe('compiling the addon', () => {
  it('reports the error of the compiler', async () => {
    const folder = await temporaryFolder(); // without TensorFlow's headers
    const options = {
      folder,
      addon: join(folder, 'tfjs_binding.node'),
      compiler: 'c++',
      distribution: DISTRIBUTIONS['linux-x64']!.cpu!,
      host: HOST,
      env: process.env,
    };
    await expect(compileAddon(options)).rejects.toMatchObject({
      code: 'native_unavailable',
      message: expect.stringMatching(/error: .*tensorflow\/c\/.*\.h/),
    });
  });
});
