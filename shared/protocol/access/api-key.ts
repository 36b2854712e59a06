/**
 * An API key: `hebb_<id>_<secret>`. The id is not secret: it names the key in lists and in KV. The
 * secret is 256 random bits, so the plain SHA-256 of the key can be stored: a slow hash protects only
 * secrets that can be guessed.
 * @module
 */

const ID_BYTES = 6;
const SECRET_BYTES = 32;

/** The id as 12 hexadecimal digits, the secret as 43 characters of base64url. */
const KEY = /^hebb_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const ID = /^[0-9a-f]{12}$/;

export const isKeyId = (text: string): boolean => ID.test(text);

/** The id of a key; undefined if the text is not a key. */
export const keyIdOf = (text: string): string | undefined => KEY.exec(text)?.[1];

export const newKeyId = (): string => hex(crypto.getRandomValues(new Uint8Array(ID_BYTES)));

/** A fresh key of this id. */
export function newKey(id: string): string {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const text = btoa(String.fromCharCode(...secret));
  return `hebb_${id}_${text.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')}`;
}

/** The stored digest of a key: SHA-256, 64 hexadecimal digits. */
export async function keyDigest(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return hex(new Uint8Array(digest));
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
