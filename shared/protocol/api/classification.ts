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
    score: fraction('Probability of the class.'),
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
  predictions: about(z.array(predictionSchema), 'The `top` best classes, best first.'),
  labels: z.exactOptional(
    about(
      z.array(predictionSchema),
      'Only from a multi-label model: the classes that the image shows, that is those whose score reaches their threshold, best first; empty if there is none.',
    ),
  ),
  timing: about(
    z.object({
      decode_ms: about(z.number().check(z.gte(0)), 'From encoded image to pixels, ms.'),
      infer_ms: about(z.number().check(z.gte(0)), 'From pixels to probabilities, ms.'),
    }),
    'Measured by the platform’s clock. Cloudflare stops it while code runs (against timing attacks), so there the times contain only I/O; locally they are real.',
  ),
  cached: z.exactOptional(about(z.literal(true), 'The answer comes from the cache.')),
};

export const classificationSchema = named(
  'Classification',
  'The classes of an image.',
  z.object(classification),
);

const place = {
  index: natural('Index of the image, from 0, in the order of the request.'),
  name: z.exactOptional(about(z.string(), 'The image’s file name, or its URL.')),
};

export const classifiedLineSchema = named(
  'ClassifiedLine',
  'A classified image of a batch or job.',
  z.object({ ...place, ...classification }),
);

export const failedLineSchema = named(
  'FailedLine',
  'An image of a batch or job that was not classified; the others are not affected.',
  z.object({
    ...place,
    error: errorSchema,
    dead: z.exactOptional(
      about(
        z.literal(true),
        'In jobs: the error was not caused by the image, and a replay can try it again.',
      ),
    ),
  }),
);

export const lineSchema = named(
  'Line',
  'The result of one image of a batch or job.',
  z.union([classifiedLineSchema, failedLineSchema]),
);

export type Prediction = Immutable<z.infer<typeof predictionSchema>>;
export type Classification = Immutable<z.infer<typeof classificationSchema>>;
export type ClassifiedLine = Immutable<z.infer<typeof classifiedLineSchema>>;
export type FailedLine = Immutable<z.infer<typeof failedLineSchema>>;
/** One of the two: `'error' in line` tells them apart. */
export type Line = ClassifiedLine | FailedLine;
