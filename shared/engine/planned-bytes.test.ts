import { readFileSync } from 'node:fs';
import { type NetworkSpec, readQuantizedModel } from '@hebb/model';
import { randomQuantized } from '@hebb/test/support/random-quantized';
import { LIMITS } from '@hebb/worker/limits';
import { describe, expect, it } from 'vitest';
import { checkEngineFits, engineOf, type KernelChoice, plannedBytes } from './index.ts';

const kernels = (build: 'relaxed' | 'simd128') =>
  new WebAssembly.Module(readFileSync(new URL(`./kernels/dist/${build}.wasm`, import.meta.url)));
const BUILDS = { relaxed: kernels('relaxed'), simd128: kernels('simd128') };

const SPECS: readonly NetworkSpec[] = [
  { variant: 'lrn', classes: 1000, inputSize: 224 },
  { variant: 'bn5x5', classes: 5, inputSize: 224 },
  { variant: 'bn3x3', classes: 1000, inputSize: 256 },
  { variant: 'lrn', classes: 7, inputSize: 33 },
  { variant: 'lrn', classes: 1000, inputSize: 299 },
  { variant: 'bn5x5', classes: 10_000, inputSize: 96 },
];

describe.each(['relaxed', 'simd128'] as const)('the planned bytes of the %s engine', (build) => {
  it.each(SPECS)('$variant, $inputSize pixels, $classes classes', (spec) => {
    const model = readQuantizedModel(spec, randomQuantized(spec, 1, 'gaussian'));
    const takes = (choice: KernelChoice) => engineOf(BUILDS[build], model, choice).memoryBytes();
    for (const lean of [true, false]) {
      const planned = plannedBytes(BUILDS[build], spec, { lean });
      const most = takes({ lean, conv: 'paired' }); // by Winograd
      expect(planned).toBeGreaterThanOrEqual(most);
      expect(planned - most).toBeLessThanOrEqual(65536); // the builds' tiles, and so their tables, differ in size
      expect(planned).toBeGreaterThanOrEqual(takes({ lean, conv: 'dot' }));
    }
  });

  it('is not exceeded with weights of −127 and 127 only', () => {
    const spec: NetworkSpec = { variant: 'lrn', classes: 5, inputSize: 112 };
    const model = readQuantizedModel(spec, randomQuantized(spec, 1, 'extreme'));
    const takes = engineOf(BUILDS[build], model, { lean: true, conv: 'paired' }).memoryBytes();
    expect(plannedBytes(BUILDS[build], spec, { lean: true })).toBeGreaterThanOrEqual(takes);
  });
});

describe('a model on the edge', () => {
  const check = (spec: Partial<NetworkSpec>, bytes = 7e6) => {
    const whole: NetworkSpec = { variant: 'lrn', classes: 1000, inputSize: 224, ...spec };
    return () => checkEngineFits(BUILDS.relaxed, whole, { sha256: '', bytes });
  };

  it('fits with 1000 classes at 224 pixels', () => {
    expect(check({})).not.toThrow();
    expect(LIMITS.int8.capacityBytes).toBe(14e6);
  });

  it.each([
    [
      '1024 pixels',
      check({ inputSize: 1024, classes: 5 }),
      '1024×1024 pixels and 5 classes takes 72',
    ],
    ['100,000 classes', check({ classes: 100_000 }), '224×224 pixels and 100000 classes takes 116'],
    ['weights larger than the network', check({}, 50e6), 'takes 50.0 MB'],
  ])('does not fit with %s; the error gives both sizes', (_, checked, what) => {
    expect(checked).toThrow(
      expect.objectContaining({
        code: 'model_too_large',
        message: expect.stringContaining(what),
      }),
    );
    expect(checked).toThrow('an isolate of the edge has 14.0 MB for it');
  });
});
