/**
 * Request bodies with images.
 * @module
 */
import { imageBody, imageLine, urlBody } from '@hebb/protocol/api/bodies';
import { API_LIMITS } from '@hebb/protocol/api/limits';
import type { BodyDescription, ContentDescription } from './description.ts';

export const NDJSON = 'application/x-ndjson';

const megabytes = (bytes: number): string => `${bytes / 1e6} MB`;

const bytes: ContentDescription = {};

export const oneImage: BodyDescription = {
  description: `The image: as the raw body (with any media type other than the two below), as the field \`image\` of a form, or as JSON, in base64 or by URL. At most ${megabytes(API_LIMITS.imageBytes)}; JPEG, PNG, WebP, AVIF or GIF.`,
  content: {
    'application/octet-stream': bytes,
    'image/*': bytes,
    'multipart/form-data': { form: 'one' },
    'application/json': {
      schema: imageBody,
      or: urlBody,
      example: { url: 'https://images.example.com/sunflower.jpg' },
    },
  },
};

/** @param most images */
export const manyImages = (most: number): BodyDescription => ({
  description: `Up to ${most} images, of at most ${megabytes(API_LIMITS.batch.imageBytes)} each. Of a form, every part that has a file name or is named \`image\`; of an archive, every file; of NDJSON, every line.`,
  content: {
    'multipart/form-data': { form: 'many' },
    'application/zip': bytes,
    'application/x-tar': bytes,
    'application/gzip': bytes,
    [NDJSON]: {
      schema: imageLine,
      example: '{"url":"https://images.example.com/sunflower.jpg","name":"sunflower.jpg"}\n',
    },
  },
});
