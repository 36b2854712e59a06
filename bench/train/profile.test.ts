import { expect, test } from 'vitest';
import { rowsOf } from './profile.ts';

// Lines of `perf report --stdio -F sample,dso,symbol -g none -t ';'`
const REPORT = `# Samples: 100 of event 'cycles'
#
40;[JIT] tid 7              ;[.] jit_brgemm_kernel_t.85
20;[JIT] tid 7              ;[.] jit_avx512_core_bf16_conv_bwd_weights_kernel_f32.3
10;[JIT] tid 7              ;[.] jit_uni_pool_kernel.47
10;[JIT] tid 7              ;[.] jit_uni_pool_kernel.302
10;hebb_kernels-2aa0c.node  ;[.] hebb::multiplyBlock<12>
6 ;[kernel.kallsyms]        ;[k] exc_page_fault
4 ;libc.so.6                ;[.] __memmove_avx512_unaligned_erms
`;

test('samples are counted by what the kernels do, the largest share first', () => {
  expect(rowsOf(REPORT)).toEqual([
    { what: 'oneDNN: convolutions and gradients of their inputs', percent: 40 },
    { what: 'oneDNN: gradients of kernels', percent: 20 },
    { what: 'pooling and its gradients', percent: 20 },
    { what: 'our Winograd: 3×3 convolutions and their gradients', percent: 10 },
    { what: 'the kernel of the system: pages of memory, switches of threads', percent: 6 },
    { what: 'libc: copies of memory, allocation', percent: 4 },
  ]);
});
