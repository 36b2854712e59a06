import { HebbError } from '@hebb/model/errors';

/** The error for a browser that cannot run the engine. @param lacks as in "has no WebAssembly with SIMD" */
export const unsupported = (lacks: string, cause?: unknown) =>
  new HebbError('engine_unavailable', `This browser ${lacks}.`, {
    hint: 'Use a newer browser over https, or the edge.',
    cause,
  });
