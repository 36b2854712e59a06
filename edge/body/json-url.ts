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
  if (value === null || typeof value !== 'object' || 'image' in value) return undefined;
  return 'url' in value && typeof value.url === 'string' ? value.url : undefined;
}
