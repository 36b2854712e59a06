import { HebbError } from '../../shared/model/errors.ts';
import { jsonImage } from './json-image.ts';
import { formField } from './multipart.ts';
import { type BodyLimits, readBody } from './read-body.ts';

/** The field that holds the image in a form and in JSON. */
const FIELD = 'image';

const JSON_TYPE = 'application/json';

/**
 * The encoded image of a request: the raw body, the multipart field "image", or JSON
 * `{"image": base64}`, by Content-Type. All three take the body's own size in memory, no more.
 * @param expected bytes that were reserved for the body (`announcedBytes`)
 */
export async function readImage(
  request: Request,
  expected: number,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readBody(request.body, expected, limits);
  const contentType = request.headers.get('content-type') ?? '';
  const [mediaType = ''] = contentType.toLowerCase().split(';', 1);
  const image = extract(body, mediaType.trim(), contentType);
  if (!image || image.length === 0) {
    throw new HebbError('missing_image', missing(body, mediaType.trim()));
  }
  return image;
}

function missing(body: Uint8Array, mediaType: string): string {
  if (body.length === 0) return 'The body is empty.';
  if (mediaType === JSON_TYPE) return `The JSON has no string "${FIELD}", or an empty one.`;
  return `The form has no field "${FIELD}", or an empty one.`;
}

function extract(body: Uint8Array<ArrayBuffer>, mediaType: string, contentType: string) {
  if (body.length === 0) return undefined;
  if (mediaType === 'multipart/form-data') return formField(body, contentType, FIELD);
  if (mediaType === JSON_TYPE) return jsonImage(body);
  return body;
}
