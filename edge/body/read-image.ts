import { HebbError } from '../../shared/model/errors.ts';
import { jsonImage } from './json-image.ts';
import { jsonUrl } from './json-url.ts';
import { formField } from './multipart.ts';
import { type BodyLimits, readBody } from './read-body.ts';

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
  const body = await readBody(request.body, expected, limits);
  const contentType = request.headers.get('content-type') ?? '';
  const [mediaType = ''] = contentType.toLowerCase().split(';', 1);
  const url = mediaType.trim() === JSON_TYPE ? jsonUrl(body) : undefined;
  if (url !== undefined) return { url };
  const image = extract(body, mediaType.trim(), contentType);
  if (!image || image.length === 0) {
    throw new HebbError('missing_image', missing(body, mediaType.trim()));
  }
  return { image };
}

function missing(body: Uint8Array, mediaType: string): string {
  if (body.length === 0) return 'The body is empty.';
  if (mediaType === JSON_TYPE)
    return `The JSON has no string "${FIELD}" or "url", or an empty one.`;
  return `The form has no field "${FIELD}", or an empty one.`;
}

function extract(body: Uint8Array<ArrayBuffer>, mediaType: string, contentType: string) {
  if (body.length === 0) return undefined;
  if (mediaType === 'multipart/form-data') return formField(body, contentType, FIELD);
  if (mediaType === JSON_TYPE) return jsonImage(body);
  return body;
}
