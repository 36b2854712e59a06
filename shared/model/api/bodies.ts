/**
 * What a request may hold as JSON. Images in base64 are taken out where they lie before that
 * (edge/body/json-image.ts), so that here they are short.
 * @module
 */
import * as z from 'zod/mini';
import { about, named } from './schema.ts';

const image = about(
  z.string().check(z.meta({ contentEncoding: 'base64' })),
  'The encoded image in base64; a data URL’s head may come before it.',
);

const url = about(
  z.string(),
  'Where the image is: https, of a host that whoever runs the Worker lists; 2048 characters at most.',
);

const name = z.exactOptional(about(z.string(), 'What the image’s line is to call it.'));

export const imageBody = named('ImageBody', 'An image as JSON.', z.object({ image }));

export const urlBody = named('UrlBody', 'Where an image is.', z.object({ url }));

const urlLine = z.object({ url, name });

/** A line of NDJSON, with an image or a URL. */
export const imageLine = named(
  'ImageLine',
  'One image of many: a line of NDJSON.',
  z.union([z.object({ image, name }), urlLine]),
);

export type UrlLine = z.infer<typeof urlLine>;
