import { HebbError } from '../../shared/model/errors.ts';
import { contentEncoding } from './content-encoding.ts';
import { jsonImage } from './json-image.ts';
import { jsonUrl } from './json-url.ts';
import { mistakeOf } from './mistakes.ts';
import { formField } from './multipart.ts';
import { type BodyLimits, readBody, readEncodedBody } from './read-body.ts';

/** The field that holds the image in a form and in JSON. */
const FIELD = 'image';

const JSON_TYPE = 'application/json';

/** Encoded, or where it is to be had. */
export type ImageSource = { readonly image: Uint8Array<ArrayBuffer> } | { readonly url: string };

/**
 * The encoded image of a request: the raw body, the multipart field "image", or JSON
 * `{"image": base64}`, by Content-Type. All three take the body's own size in memory, no more. JSON
 * `{"url": "https://…"}` says where it is instead.
 * @param expected bytes that were reserved for the body (`announcedBytes`)
 */
export async function readImage(
  request: Request,
  expected: number,
  limits: BodyLimits,
): Promise<ImageSource> {
  const encoding = contentEncoding(request.headers);
  const body = encoding
    ? await readEncodedBody(request.body, encoding, limits)
    : await readBody(request.body, expected, limits);
  const contentType = request.headers.get('content-type') ?? '';
  const mediaType = mediaTypeOf(request.headers);
  const url = mediaType === JSON_TYPE ? jsonUrl(body) : undefined;
  if (url !== undefined) return { url };
  const image = await extract(body, mediaType, contentType);
  if (!image || image.length === 0) {
    throw new HebbError('missing_image', missing(body, mediaType));
  }
  const mistake = mistakeOf(image, mediaType);
  if (mistake) throw mistake;
  return { image };
}

function missing(body: Uint8Array, mediaType: string): string {
  if (body.length === 0) return 'The body is empty.';
  if (mediaType === JSON_TYPE)
    return `The JSON has no string "${FIELD}" or "url", or an empty one.`;
  return `The form has no field "${FIELD}", or an empty one.`;
}

async function extract(body: Uint8Array<ArrayBuffer>, mediaType: string, contentType: string) {
  if (body.length === 0) return undefined;
  if (mediaType === 'multipart/form-data') return await formField(body, contentType, FIELD);
  if (mediaType === JSON_TYPE) return await jsonImage(body);
  return body;
}

/** Content-Type without its parameters. */
export function mediaTypeOf(headers: Headers): string {
  const [mediaType = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';', 1);
  return mediaType.trim();
}
