import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hebb } from '@hebb/test/support/cli';
import { temporaryFolder } from '@hebb/test/support/temporary';
import type { Cli } from 'hebb/cli';
import { doctorCommand } from 'hebb/doctor';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkNode } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { checkCuda, checkDriver } from './doctor/gpu.ts';
import type { Installation } from './installation.ts';
import { parseGpus } from './nvidia.ts';

const LINUX = { platform: 'linux', arch: 'x64', glibc: '2.36' };

const doctor = (args: string[], env: Record<string, string>, host = LINUX) =>
  hebb(['doctor', ...args], { commands: [(cli: Cli) => doctorCommand(cli, host)], env });

describe('hebb doctor', () => {
  it('lists what a bare machine lacks, each with a fix, and fails', async () => {
    const env = { PATH: await temporaryFolder(), HEBB_CACHE: await temporaryFolder() };
    const { code, stdout, stderr } = await doctor([], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✓ Node +v24/);
    expect(stdout).toMatch(/✗ compiler +No C\+\+ compiler: .*\n +→ sudo apt-get install g\+\+/);
    expect(stdout).toMatch(/✗ Python +python3 or python was not found\.\n +→ sudo apt-get/);
    expect(stdout).toMatch(/✗ libtensorflow +not installed: .*\n +→ hebb native install/);
    expect(stderr).toContain('error machine_not_ready: There are 3 problems on this machine.');
  });

  it('finds a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = { PATH: '', HEBB_CACHE: await temporaryFolder(), HEBB_GPU_PORT: String(port) };
    const findings = JSON.parse((await doctor(['--json'], env)).stdout) as Finding[];
    expect(findings.find(({ subject }) => subject === `port ${port}`)).toEqual({
      subject: `port ${port}`,
      state: 'note',
      found: 'in use, perhaps by the GPU tier',
      fix: expect.stringContaining(`lsof -i :${port}`),
    });
  });

  it('does not require a library that does not exist for the platform', async () => {
    const env = { PATH: '', HEBB_CACHE: await temporaryFolder() };
    const { stdout } = await doctor([], env, { ...LINUX, arch: 'riscv64' });
    expect(stdout).toMatch(/– libtensorflow +There is no TensorFlow library for linux-riscv64/);
    expect(stdout).toContain('Here the GPU tier runs on WASM.');
  });
});

describe('findings about GPUs', () => {
  // Lines of `nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader,nounits`
  const H100 = parseGpus('NVIDIA H100 80GB HBM3, 580.65.06, 81559\n');
  const OLD = parseGpus('Tesla K80, 470.256.02, 11441\nTesla K80, 470.256.02, 11441\n');
  const cpu = { flavour: 'cpu' } as Installation;
  const gpu = { flavour: 'gpu' } as Installation;
  const blind = { tensorflow: '2.21.0', gpu: false };

  it('have name, memory and driver', () => {
    expect(checkDriver(H100, true)).toMatchObject({
      state: 'ok',
      found: 'NVIDIA H100 80GB HBM3 (80 GiB), driver 580.65.06',
    });
  });

  it('require a driver for CUDA 12', () => {
    expect(checkDriver(OLD, true)).toMatchObject({
      state: 'problem',
      fix: expect.stringContaining('525 or newer'),
    });
  });

  it('distinguish a GPU without a driver from no GPU', () => {
    expect(checkDriver([], true).state).toBe('problem');
    expect(checkDriver([], false)).toMatchObject({
      state: 'note',
      found: expect.stringMatching(/^none/),
    });
  });

  it('say how TensorFlow can use them', () => {
    expect(checkCuda(H100, cpu, blind, LINUX, {})).toMatchObject({
      state: 'note',
      fix: 'hebb native install --gpu',
    });
    expect(checkCuda(H100, gpu, blind, LINUX, { CUDA_VISIBLE_DEVICES: '-1' })).toMatchObject({
      state: 'problem',
      fix: 'unset CUDA_VISIBLE_DEVICES',
    });
    expect(checkCuda(H100, gpu, blind, LINUX, {}).state).toBe('problem');
    expect(checkCuda(H100, gpu, { ...blind, gpu: true }, LINUX, {}).state).toBe('ok');
  });
});

it('refuses a Node that cannot run TypeScript files', () => {
  expect(checkNode('v22.11.0')).toMatchObject({ state: 'problem', found: 'v22.11.0 is too old' });
  expect(checkNode('v24.0.0').state).toBe('ok');
});
