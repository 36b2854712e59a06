import { readFile } from 'node:fs/promises';
import { type ConvName, type Int8Engine, type KernelChoice, loadEngine } from '@hebb/engine';
import type { Layer } from '@hebb/model';
import type { BenchContext } from '../context.ts';
import { KERNELS, KERNELS_SIMD128 } from '../engines/hebb.ts';
import { describeMachine } from '../machine.ts';
import { timeEach } from '../measure/clock.ts';
import { interleave, type Subject } from '../measure/interleave.ts';
import { median } from '../measure/statistics.ts';
import { benchInputs } from '../network/inputs.ts';
import { type BenchNetwork, benchNetworks, benchSource } from '../network/networks.ts';
import type { BenchOptions } from '../options.ts';
import type { KernelsResult, StepResult } from '../results.ts';

const CALIBRATION_IMAGES = 8;
const RUNS_PER_ROUND = 5;
const WARM_UP_RUNS = 30;

const NO_WINOGRAD = { winogradFromTiles: Infinity };

/** Every convolution kernel, with its build and the choice that forces it. */
const CONVOLUTIONS: readonly (readonly [ConvName, string, KernelChoice])[] = [
  ['dot', KERNELS, { conv: 'dot', ...NO_WINOGRAD }],
  ['paired', KERNELS, { conv: 'paired', ...NO_WINOGRAD }],
  ['winograd', KERNELS, { winogradFromTiles: 1 }],
  ['widen', KERNELS_SIMD128, NO_WINOGRAD],
];

/** Measures our engine step by step, and every convolution with every kernel that can run it. */
export async function benchKernels(
  options: BenchOptions,
  context: BenchContext,
): Promise<KernelsResult> {
  const source = await benchSource(options.package, context.cwd);
  const images = await benchInputs(options.calibrate, CALIBRATION_IMAGES, source.preprocessing);
  const network = (await benchNetworks(source, images)).at(-1)!;
  const chosen = await open(network, KERNELS);
  const forced = new Map<ConvName, Int8Engine>();
  for (const [conv, build, choice] of CONVOLUTIONS) {
    forced.set(conv, await open(network, build, choice));
  }

  const runs: { readonly step: number; readonly kernel: string; readonly subject: Subject }[] = [];
  for (const [step, { conv }] of chosen.steps.entries()) {
    if (!conv) runs.push({ step, kernel: 'only', subject: subjectOf(chosen, step) });
    else {
      for (const [kernel, engine] of forced) {
        // Where the forced kernel would not be exact, the engine uses another one.
        if (engine.steps[step]!.conv !== kernel) continue;
        runs.push({ step, kernel, subject: subjectOf(engine, step) });
      }
    }
  }
  const { pixels } = images[0]!;
  for (const engine of [chosen, ...forced.values()]) engine.classify(pixels); // fills the buffers with real activations
  const whole: Subject = { time: (count) => timeEach(count, () => chosen.classify(pixels)) };
  const schedule = { rounds: options.rounds, runs: RUNS_PER_ROUND, warmUpRuns: WARM_UP_RUNS };
  const subjects = [whole, ...runs.map(({ subject }) => subject)];
  const rounds = await interleave(subjects, schedule, (done) =>
    context.log(`round ${done} of ${options.rounds}`),
  );
  const [wholeMs, ...ms] = rounds.map(median);

  const steps = chosen.steps.map(({ layer, conv }, step): StepResult => {
    const own = runs.flatMap((run, i) => (run.step === step ? [[run.kernel, ms[i]! * 1000]] : []));
    return {
      ...describe(layer),
      ...(conv && { chosen: conv }),
      microseconds: Object.fromEntries(own),
    };
  });
  return {
    bench: 'kernels',
    machine: describeMachine(new Date()),
    weights: source.title,
    rounds: options.rounds,
    steps,
    wholeMs: wholeMs!,
  };
}

async function open({ network, int8 }: BenchNetwork, build: string, choice?: KernelChoice) {
  const module = new WebAssembly.Module(await readFile(build));
  return loadEngine(module, network.spec, int8, choice);
}

const subjectOf = (engine: Int8Engine, step: number): Subject => ({
  time: (count) => timeEach(count, engine.steps[step]!.run),
});

function describe(layer: Layer): Omit<StepResult, 'microseconds'> {
  const { name, kind, shape } = layer;
  const window =
    kind === 'conv' || kind === 'maxPool'
      ? `${layer.size}×${layer.size}/${layer.stride}`
      : undefined;
  return {
    layer: name,
    kind,
    output: shape,
    ...(window && { window }),
    multiplyAdds: multiplyAdds(layer),
  };
}

function multiplyAdds(layer: Layer): number {
  const [h, w, out] = layer.shape;
  const [inputHeight, inputWidth, channels] = layer.inputShape;
  if (layer.kind === 'conv') return h * w * out * layer.size ** 2 * channels;
  if (layer.kind === 'linear') return inputHeight * inputWidth * channels * out;
  return 0;
}
