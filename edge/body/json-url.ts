import { urlBody } from '../../shared/model/api/bodies.ts';

/** A URL has 2048 characters at most, and JSON may write each as six. */
const MAX_BYTES = 16_384;

/** The field `url` of a JSON object that has no `image`; undefined where there is none. */
export function jsonUrl(body: Uint8Array): string | undefined {
  if (body.length > MAX_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined; // whoever looks for an image says what is wrong
  }
  const parsed = urlBody.safeParse(value);
  return parsed.success && !('image' in (value as object)) ? parsed.data.url : undefined;
}
