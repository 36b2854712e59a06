import type { ServedModel } from '../host/served-model.ts';
import type { LogFields } from './log.ts';

/** What the log says of a model that was loaded. */
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
