import { HebbError } from '@hebb/model/errors';
import { urlBody } from '@hebb/protocol/api/bodies';
import { LIMITS } from '../limits.ts';
import { contentEncoding } from './inflate.ts';
import { jsonImage } from './json-image.ts';
import { mistakeOf } from './mistakes.ts';
import { formField } from './multipart.ts';
import { type BodyLimits, readBody, readEncodedBody } from './read-body.ts';

/** The field that holds the image in a form and in JSON. */
const FIELD = 'image';

const JSON_TYPE = 'application/json';

/** The encoded image, or its URL. */
export type ImageSource = { readonly image: Uint8Array<ArrayBuffer> } | { readonly url: string };

/**
 * The encoded image of a request, by Content-Type: the raw body, the multipart field "image", or JSON
 * `{"image": base64}`, each read in place in the body's memory; or the URL of JSON
 * `{"url": "https://…"}`.
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
  if (mediaType === JSON_TYPE) return `The JSON has no string "${FIELD}" or "url", or it is empty.`;
  return `The form has no field "${FIELD}", or it is empty.`;
}

/** The field `url` of a JSON object that has no `image`; undefined without one. */
function jsonUrl(body: Uint8Array): string | undefined {
  if (body.length > LIMITS.body.jsonBytes) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined; // reported by the reader of the image
  }
  const parsed = urlBody.safeParse(value);
  return parsed.success && !('image' in (value as object)) ? parsed.data.url : undefined;
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
