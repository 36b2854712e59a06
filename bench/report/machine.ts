import type { Machine } from '../machine.ts';

/** A paragraph about the machine. */
export function machineReport(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, v8, chromium, date } = machine;
  const versions = [`Node ${node} (V8 ${v8})`, ...(chromium ? [`Chromium ${chromium}`] : [])];
  return [
    `Measured on ${date}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; ${versions.join(', ')}.`,
    vnni(machine),
  ].join('\n');
}

/** With AVX-VNNI V8 compiles the relaxed dot product to one instruction, without it to several. */
function vnni({ avxVnni, avx512Vnni }: Machine): string {
  if (avxVnni === undefined) return 'It is unknown whether the CPU has AVX-VNNI.';
  if (avxVnni) return 'The CPU has AVX-VNNI, which V8 uses for int8 dot products.';
  const native = avx512Vnni
    ? ' It has AVX-512 VNNI, which native engines use, but V8 does not.'
    : '';
  return `The CPU does not report AVX-VNNI, so V8 uses several instructions for an int8 dot product.${native}`;
}
