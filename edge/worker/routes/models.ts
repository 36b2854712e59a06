/**
 * `GET /v1/models`: what is served here.
 * @module
 */
import type { QuantizationReport } from '@hebb/model/package/manifest';
import type { Handler } from 'hono';
import { type AppEnv, keepAliveOf } from '../http/context.ts';
import { type LoadedModel, PRECISION } from '../models/loaded-model.ts';
import type { Models } from '../models/models.ts';

export function listModels(models: Models): Handler<AppEnv> {
  return async (c) => {
    const current = await models.current(keepAliveOf(c));
    const { refused } = models;
    return c.json({ models: [describe(current)], ...(refused && { refused }) });
  };
}

/** The steps of the quantiser are for the package's own reports. */
const measured = ({ steps: _, ...quantization }: QuantizationReport) => quantization;

function describe(model: LoadedModel) {
  const { name, version, network, quantization, files } = model.manifest;
  return {
    name,
    version,
    current: true,
    source: model.files.description,
    variant: network.variant,
    classes: network.classes,
    input_size: network.inputSize,
    ...(network.output && { output: network.output }),
    engines: model.engineNames.map((engine) => ({
      name: engine,
      precision: PRECISION[engine],
      loaded: model.memoryBytes(engine) > 0,
    })),
    quantization: quantization && measured(quantization),
    files,
  };
}
