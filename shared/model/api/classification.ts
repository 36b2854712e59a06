/**
 * The answer for one image, and the lines for many.
 * @module
 */
import * as z from 'zod/mini';
import { errorSchema } from './error.ts';
import { about, fraction, type Immutable, named, natural, sha256Hex } from './schema.ts';

export const TIERS = ['edge', 'gpu'] as const;

export const predictionSchema = named(
  'Prediction',
  'A class and how likely it is.',
  z.object({
    index: natural('Position in the model’s list of labels, from 0.'),
    label: z.string(),
    score: fraction('Softmax probability.'),
  }),
);

const classification = {
  model: z.object({
    name: z.string(),
    version: sha256Hex('SHA-256 of the model’s content.'),
    precision: about(z.string(), 'int8, float32 or bfloat16.'),
  }),
  tier: about(z.enum(TIERS), 'edge: in the Worker. gpu: in full precision, by the GPU tier.'),
  why: about(z.string(), 'Why that tier, in words.'),
  predictions: about(z.array(predictionSchema), 'The `top` best, best first.'),
  timing: about(
    z.object({
      decode_ms: about(z.number().check(z.gte(0)), 'From encoded image to pixels, ms.'),
      infer_ms: about(z.number().check(z.gte(0)), 'From pixels to probabilities, ms.'),
    }),
    'By the platform’s clock. Cloudflare stops it while code runs (against timing attacks), so there these are 0, or steps of I/O; locally they are what they say.',
  ),
  cached: z.exactOptional(
    about(
      z.literal(true),
      'That the very same question was answered before, and nothing computed now.',
    ),
  ),
};

export const classificationSchema = named(
  'Classification',
  'What is in an image.',
  z.object(classification),
);

const place = {
  index: natural('Which image, from 0, in the order in which they came.'),
  name: z.exactOptional(about(z.string(), 'The image’s file name, or its URL.')),
};

export const classifiedLineSchema = named(
  'ClassifiedLine',
  'An image of many that was classified.',
  z.object({ ...place, ...classification }),
);

export const failedLineSchema = named(
  'FailedLine',
  'An image of many that was not: the others are not touched by that.',
  z.object({
    ...place,
    error: errorSchema,
    dead: z.exactOptional(
      about(
        z.literal(true),
        'In jobs: it was not the image’s fault, and a replay can try it again.',
      ),
    ),
  }),
);

export const lineSchema = named(
  'Line',
  'What became of one image of many.',
  z.union([classifiedLineSchema, failedLineSchema]),
);

export type Prediction = Immutable<z.infer<typeof predictionSchema>>;
export type Classification = Immutable<z.infer<typeof classificationSchema>>;
export type ClassifiedLine = Immutable<z.infer<typeof classifiedLineSchema>>;
export type FailedLine = Immutable<z.infer<typeof failedLineSchema>>;
/** One of the two: `'error' in line` tells them apart. */
export type Line = ClassifiedLine | FailedLine;
