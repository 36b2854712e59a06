import { describe, expect, it } from 'vitest';
import { distributionFor, installKey } from './distribution.ts';
import { thisHost } from './host.ts';
import { pipSelection } from './pip.ts';
import { DISTRIBUTIONS, wheelsOf } from './wheels.ts';

const LINUX = { platform: 'linux', arch: 'x64', glibc: '2.36' };

describe('the wheels for a machine', () => {
  it.each([
    [LINUX, 'cpu', 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'],
    [LINUX, 'gpu', 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'],
    [
      { ...LINUX, arch: 'arm64' },
      'cpu',
      'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    ],
    [
      { platform: 'darwin', arch: 'arm64', glibc: undefined },
      'cpu',
      'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    ],
  ] as const)('%o, %s: %s', (host, flavour, file) => {
    expect(distributionFor(host, flavour).tensorflow.file).toBe(file);
  });

  it('include all libraries of tensorflow[and-cuda] for the GPU flavour only', () => {
    const names = distributionFor(LINUX, 'gpu').cuda.map(({ file }) => file.split('-')[0]);
    expect(names).toEqual(
      ['cublas', 'cuda_cupti', 'cuda_nvcc', 'cuda_nvrtc', 'cuda_runtime', 'cudnn', 'cufft']
        .concat(['curand', 'cusolver', 'cusparse', 'nccl', 'nvjitlink'])
        .map((name) => `nvidia_${name}_cu12`),
    );
    expect(distributionFor(LINUX, 'cpu').cuda).toEqual([]);
  });

  it('have a pinned size and a unique digest', () => {
    const distributions = Object.values(DISTRIBUTIONS).flatMap((each) => Object.values(each));
    const wheels = distributions.flatMap((each) => wheelsOf(each).wheels);
    expect(wheels.filter(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256))).toEqual([]);
    expect(wheels.filter(({ bytes }) => bytes < 1e6)).toEqual([]);
    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(wheels.length);
  });

  it.each([
    [{ ...LINUX, platform: 'win32', glibc: undefined }, 'cpu', 'no TensorFlow library for win32'],
    [{ ...LINUX, platform: 'darwin' }, 'cpu', 'no TensorFlow library for darwin-x64'],
    [{ ...LINUX, arch: 'arm64' }, 'gpu', 'no TensorFlow with CUDA for linux-arm64'],
    [{ ...LINUX, glibc: undefined }, 'cpu', 'this machine has no glibc'],
    [{ ...LINUX, glibc: '2.17' }, 'cpu', 'this machine has glibc 2.17'],
  ] as const)('%o, %s: %s', (host, flavour, message) => {
    expect(() => distributionFor(host, flavour)).toThrow(message);
  });

  it('exist for the machine of the test', () => {
    const host = thisHost();
    expect(host.platform).toBe(process.platform);
    if (host.glibc !== undefined) expect(host.glibc).toMatch(/^2\.\d+$/);
  });

  it('determine the folder name', () => {
    expect(installKey(LINUX, 'gpu')).toBe('tensorflow-2.21.0-linux-x64-gpu-napi8');
  });
});

describe('the arguments of pip', () => {
  it('select one file for any Python', () => {
    const { tensorflow } = distributionFor(LINUX, 'cpu');
    expect(pipSelection(tensorflow).join(' ')).toBe(
      '--no-deps --only-binary=:all: --platform manylinux_2_27_x86_64 --python-version 3.11 ' +
        '--implementation cp --abi cp311 tensorflow-cpu==2.21.0',
    );
  });

  it('include all platforms of a wheel', () => {
    const file =
      'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl';
    expect(pipSelection({ file, bytes: 0, sha256: '' }).join(' ')).toBe(
      '--no-deps --only-binary=:all: --platform manylinux2014_x86_64 ' +
        '--platform manylinux_2_17_x86_64 --python-version 3.11 --implementation py --abi none ' +
        'nvidia-cufft-cu12==11.4.1.4',
    );
  });
});
