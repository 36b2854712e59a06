/**
 * The Python wheels with TensorFlow's C library for each platform, with size and digest as published on PyPI.
 * @module
 */

export const TENSORFLOW_VERSION = '2.21.0';

/** `cpu`: oneDNN kernels only. `gpu`: CUDA as well. */
export type Flavour = 'cpu' | 'gpu';

/** A file on PyPI. Its name contains project, version, Python, ABI and platform (PEP 427). */
export interface Wheel {
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The wheels of TensorFlow for one platform. */
export interface Distribution {
  readonly tensorflow: Wheel;
  /** NVIDIA's libraries, which TensorFlow looks for in `nvidia/<name>/lib` beside its own folder. */
  readonly cuda: readonly Wheel[];
  /** Files in the wheel's folder `tensorflow`. The addon links against the first, which needs the others. */
  readonly libraries: readonly string[];
}

const LINUX = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const MACOS = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'];

/** The requirements of tensorflow 2.21.0's extra `and-cuda`, each at the newest allowed version. */
const CUDA_12: readonly Wheel[] = [
  {
    file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 581_217_458,
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  },
  {
    file: 'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 10_248_621,
    sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
  },
  {
    file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 40_546_229,
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  },
  {
    file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 89_568_129,
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  },
  {
    file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 3_493_179,
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  },
  {
    file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 716_538_495,
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  },
  {
    file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 200_877_592,
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  },
  {
    file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 68_295_626,
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  },
  {
    file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 338_117_415,
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  },
  {
    file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 366_465_088,
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  },
  {
    file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 351_526_311,
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  },
  {
    file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 39_748_338,
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  },
];

/** By `${process.platform}-${process.arch}`, then by flavour. */
export const DISTRIBUTIONS: Readonly<
  Record<string, Partial<Readonly<Record<Flavour, Distribution>>>>
> = {
  'linux-x64': {
    cpu: {
      tensorflow: {
        file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
        bytes: 273_829_956,
        sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      },
      cuda: [],
      libraries: LINUX,
    },
    gpu: {
      tensorflow: {
        file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
        bytes: 572_440_367,
        sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      },
      cuda: CUDA_12,
      libraries: LINUX,
    },
  },
  'linux-arm64': {
    cpu: {
      tensorflow: {
        file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
        bytes: 281_828_020,
        sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      },
      cuda: [],
      libraries: LINUX,
    },
  },
  'darwin-arm64': {
    cpu: {
      tensorflow: {
        file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
        bytes: 223_405_849,
        sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
      },
      cuda: [],
      libraries: MACOS,
    },
  },
};

/** All wheels of a distribution, and the sum of their bytes. */
export function wheelsOf({ tensorflow, cuda }: Distribution): { wheels: Wheel[]; bytes: number } {
  const wheels = [tensorflow, ...cuda];
  return { wheels, bytes: wheels.reduce((sum, { bytes }) => sum + bytes, 0) };
}
