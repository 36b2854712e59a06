import type { Machine } from '../machine.ts';

/** The machine in one paragraph. */
export function machineReport(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, v8, chromium, date } = machine;
  const versions = [`Node ${node} (V8 ${v8})`, ...(chromium ? [`Chromium ${chromium}`] : [])];
  return [
    `Measured on ${date}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; ${versions.join(', ')}.`,
    vnni(machine),
  ].join('\n');
}

/** V8 compiles the relaxed dot product to one AVX-VNNI instruction, and to several without it. */
function vnni({ avxVnni, avx512Vnni }: Machine): string {
  if (avxVnni === undefined) return 'Whether the CPU has AVX-VNNI is not known.';
  if (avxVnni) return 'The CPU has AVX-VNNI, which V8 uses for int8 dot products.';
  const native = avx512Vnni
    ? ' It has AVX-512 VNNI, which native engines use and V8 does not.'
    : '';
  return `The CPU shows no AVX-VNNI: V8 makes several instructions of one int8 dot product.${native}`;
}
