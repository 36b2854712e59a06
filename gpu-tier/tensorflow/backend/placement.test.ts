import { expect, it } from 'vitest';
import { placeReplicas } from './placement.ts';

const MACHINE = { replicas: undefined, gpus: 0, cores: 8, env: {} };

it('places one replica on each GPU', () => {
  expect(placeReplicas({ ...MACHINE, kind: 'native-gpu', gpus: 2 })).toEqual([
    { CUDA_VISIBLE_DEVICES: '0' },
    { CUDA_VISIBLE_DEVICES: '1' },
  ]);
});

it('uses only the GPUs of CUDA_VISIBLE_DEVICES, in turn', () => {
  const env = { CUDA_VISIBLE_DEVICES: '3,GPU-8f' };
  const options = { ...MACHINE, kind: 'native-gpu', gpus: 4, replicas: 3, env } as const;
  expect(placeReplicas(options)).toEqual([
    { CUDA_VISIBLE_DEVICES: '3' },
    { CUDA_VISIBLE_DEVICES: 'GPU-8f' },
    { CUDA_VISIBLE_DEVICES: '3' },
  ]);
});

it('gives one CPU replica all cores, and shares them among several', () => {
  expect(placeReplicas({ ...MACHINE, kind: 'native-cpu' })).toEqual([{}]);
  expect(placeReplicas({ ...MACHINE, kind: 'native-cpu', replicas: 3 })).toEqual([
    { TF_NUM_INTRAOP_THREADS: '2' },
    { TF_NUM_INTRAOP_THREADS: '2' },
    { TF_NUM_INTRAOP_THREADS: '2' },
  ]);
  const env = { TF_NUM_INTRAOP_THREADS: '5' };
  expect(placeReplicas({ ...MACHINE, kind: 'native-cpu', replicas: 2, env })).toEqual([env, env]);
});

it('sets nothing for WASM, which has one thread', () => {
  expect(placeReplicas({ ...MACHINE, kind: 'wasm', replicas: 2 })).toEqual([{}, {}]);
});
