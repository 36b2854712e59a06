/**
 * Models in the API.
 * @module
 */

import { VARIANTS } from '@hebb/model/network/variant';
import * as z from 'zod/mini';
import { ENGINES } from './options.ts';
import { about, type Immutable, named, natural, sha256Hex } from './schema.ts';

const percent = (meaning: string) => about(z.number().check(z.gte(0), z.lte(100)), meaning);

const accuracy = (meaning: string) =>
  z.exactOptional(
    about(
      z.object({
        top1: percent('Percent of images whose class is the answer.'),
        top5: percent('Percent of images whose class is among the first five.'),
      }),
      meaning,
    ),
  );

export const quantizationSchema = named(
  'Quantization',
  'Loss of accuracy by quantisation, on the evaluation images.',
  z.object({
    scheme: about(
      z.literal('w8a7'),
      'int8 weights per output channel, unsigned 7-bit activations per tensor.',
    ),
    scales: about(z.string(), 'How activation scales were chosen.'),
    calibrationImages: natural('Number of calibration images.'),
    evaluationImages: natural('Number of evaluation images.'),
    float: accuracy('Accuracy in float32; absent if the images have no labels.'),
    int8: accuracy('Accuracy in int8.'),
    meanAveragePrecision: z.exactOptional(
      about(
        z.object({
          float: z.exactOptional(percent('In float32.')),
          int8: z.exactOptional(percent('In int8.')),
        }),
        'Of a multi-label model: mean average precision over the classes.',
      ),
    ),
    agreement: percent(
      'Percent of images with the same top-1 answer in float32 and int8; of a multi-label model, mean overlap of their labels.',
    ),
  }),
);

export const modelSchema = named(
  'Model',
  'A model of the service.',
  z.object({
    name: z.string(),
    version: sha256Hex('SHA-256 of the model’s content.'),
    current: about(z.boolean(), 'Whether it answers requests.'),
    source: about(z.string(), 'Where it was loaded from.'),
    variant: about(z.enum(Object.keys(VARIANTS) as (keyof typeof VARIANTS)[]), 'Which GoogLeNet.'),
    classes: natural('Number of classes.'),
    input_size: natural('Side of its square input, pixels.'),
    output: z.exactOptional(
      about(
        z.literal('sigmoid'),
        'Of a multi-label model: each class has a probability of its own. Absent: probabilities sum to 1.',
      ),
    ),
    engines: z.array(
      z.object({
        name: z.enum(ENGINES),
        precision: z.enum(['int8', 'float32']),
        loaded: about(z.boolean(), 'Whether this isolate has loaded it.'),
      }),
    ),
    quantization: z.exactOptional(quantizationSchema),
    files: about(
      z.record(
        z.string(),
        z.object({ sha256: sha256Hex('SHA-256 of the file.'), bytes: natural('Size in bytes.') }),
      ),
      'Weights, by file name.',
    ),
  }),
);

export const modelListSchema = named(
  'ModelList',
  'The models of the service.',
  z.object({
    models: z.array(modelSchema),
    refused: z.exactOptional(
      about(
        z.object({
          name: z.string(),
          version: z.string(),
          code: about(z.string(), 'Code of the error: invalid_package, model_too_large, …'),
          reason: z.string(),
        }),
        'A published model that could not be loaded, with the reason.',
      ),
    ),
  }),
);

export type Model = Immutable<z.infer<typeof modelSchema>>;
export type ModelList = Immutable<z.infer<typeof modelListSchema>>;
