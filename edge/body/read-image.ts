import { HebbError } from '../../shared/model/errors.ts';
import { jsonImage } from './json-image.ts';
import { formField } from './multipart.ts';
import { type BodyLimits, readBody } from './read-body.ts';

/** The field that holds the image in a form and in JSON. */
const FIELD = 'image';

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
  const image = extract(body, contentType);
  if (!image || image.length === 0) {
    const where = body.length === 0 ? 'The body is empty' : `There is no field "${FIELD}"`;
    throw new HebbError('missing_image', `${where}.`);
  }
  return image;
}

function extract(body: Uint8Array<ArrayBuffer>, contentType: string) {
  if (body.length === 0) return undefined;
  const [mediaType] = contentType.toLowerCase().split(';', 1);
  if (mediaType?.trim() === 'multipart/form-data') return formField(body, contentType, FIELD);
  if (mediaType?.trim() === 'application/json') return jsonImage(body);
  return body;
}
