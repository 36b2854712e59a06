import type { KernelsResult, StepResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The results as Markdown. */
export function kernelsReport(result: KernelsResult): string {
  const { machine, steps, wholeMs, rounds } = result;
  const kernels = [...new Set(steps.flatMap((step) => Object.keys(step.microseconds)))].filter(
    (kernel) => kernel !== 'only',
  );
  const sum = steps.reduce((total, step) => total + chosenMicroseconds(step), 0) / 1000;
  return [
    machineReport(machine),
    `One thread; the median of ${rounds} rounds. Each step runs repeatedly, with its weights in ` +
      `the CPU's caches. The sum of the steps is ${sum.toFixed(1)} ms; a whole classification takes ` +
      `${wholeMs.toFixed(1)} ms.`,
    kinds(result),
    'Billions of multiply-adds per second (GMAC/s) of the kernel that the engine chooses on this CPU, and ' +
      `of every kernel with the same result.\n\n${layers(steps, kernels)}`,
  ].join('\n\n');
}

const chosenMicroseconds = ({ chosen, microseconds }: StepResult): number =>
  microseconds[chosen ?? 'only']!;

/** Billions of multiply-adds per second. */
const gmacs = (multiplyAdds: number, microseconds: number): number =>
  multiplyAdds / microseconds / 1000;

function kinds({ steps }: KernelsResult): string {
  const all = steps.reduce((total, step) => total + chosenMicroseconds(step), 0);
  const rows = [...Map.groupBy(steps, kindOf)].map(([kind, group]) => {
    const time = group.reduce((total, step) => total + chosenMicroseconds(step), 0);
    const work = group.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0);
    return [
      kind,
      `${group.length}`,
      (time / 1000).toFixed(2),
      `${((100 * time) / all).toFixed(1)} %`,
      work > 0 ? gmacs(work, time).toFixed(1) : '',
    ];
  });
  return table(['kind', 'steps', 'ms', 'share', 'GMAC/s'], rows, 1);
}

const kindOf = ({ kind, window }: StepResult): string => `${kind} ${window ?? ''}`.trim();

function layers(steps: readonly StepResult[], kernels: readonly string[]): string {
  const rows = steps
    .filter(({ multiplyAdds }) => multiplyAdds > 0)
    .map((step) => [
      step.layer,
      step.window ?? '',
      step.output.join('×'),
      (step.multiplyAdds / 1e6).toFixed(1),
      chosenMicroseconds(step).toFixed(0),
      gmacs(step.multiplyAdds, chosenMicroseconds(step)).toFixed(1),
      step.chosen ?? '',
      ...kernels.map((kernel) => speed(step, kernel)),
    ]);
  const head = ['layer', 'window', 'output', 'M MAC', 'µs', 'GMAC/s', 'kernel', ...kernels];
  return table(head, rows, 3);
}

function speed({ multiplyAdds, microseconds }: StepResult, kernel: string): string {
  const time = microseconds[kernel];
  return time === undefined ? '' : gmacs(multiplyAdds, time).toFixed(1);
}
