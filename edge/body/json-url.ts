import { urlBody } from '../../shared/model/api/bodies.ts';
import { LIMITS } from '../limits.ts';

/** The field `url` of a JSON object that has no `image`; undefined where there is none. */
export function jsonUrl(body: Uint8Array): string | undefined {
  if (body.length > LIMITS.body.jsonBytes) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined; // who looks for an image says what is wrong
  }
  const parsed = urlBody.safeParse(value);
  return parsed.success && !('image' in (value as object)) ? parsed.data.url : undefined;
}
