import type { ServedModel } from '../host/served-model.ts';
import type { LogFields } from './log.ts';

/** The log fields of a loaded model. */
export function describeModel(model: ServedModel): LogFields {
  const { manifest, dir, warmUpMs, batchSizes } = model;
  return {
    model: manifest.name,
    version: manifest.version,
    dir,
    warmUpMs: Math.round(warmUpMs),
    batchSizes,
    pids: model.replicas().map(({ pid }) => pid),
  };
}
