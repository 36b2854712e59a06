/**
 * JSON bodies of requests. Images in base64 are removed before these schemas run
 * (edge/worker/body/json-image.ts), so the strings are short.
 * @module
 */
import * as z from 'zod/mini';
import { about, named } from './schema.ts';

const image = about(
  z.string().check(z.meta({ contentEncoding: 'base64' })),
  'The encoded image in base64, or a data URL.',
);

const url = about(
  z.string(),
  'URL of the image: https, of a host that the operator of the service allows; at most 2048 characters.',
);

const name = z.exactOptional(about(z.string(), 'Name of the image in its line.'));

export const imageBody = named('ImageBody', 'An image as JSON.', z.object({ image }));

export const urlBody = named('UrlBody', 'The URL of an image.', z.object({ url }));

const urlLine = z.object({ url, name });

/** A line of NDJSON, with an image or a URL. */
export const imageLine = named(
  'ImageLine',
  'One image of many: a line of NDJSON.',
  z.union([z.object({ image, name }), urlLine]),
);

export type UrlLine = z.infer<typeof urlLine>;
