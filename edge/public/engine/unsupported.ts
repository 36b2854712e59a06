import { HebbError } from '../../../shared/model/errors.ts';

/** A browser that the engine cannot run in. @param lacks as in "has no WebAssembly with SIMD" */
export const unsupported = (lacks: string, cause?: unknown) =>
  new HebbError('engine_unavailable', `This browser ${lacks}.`, {
    hint: 'Use a newer browser, by https, or the edge.',
    cause,
  });
