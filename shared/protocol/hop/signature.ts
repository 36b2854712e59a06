/**
 * Signatures of the edge's requests and of the GPU tier's answers: HMAC-SHA256 with a
 * shared secret. A request's signature covers
 *
 *     hebb-hop-1 ⏎ METHOD ⏎ path and query ⏎ SHA-256 of the body ⏎ ms since 1970 ⏎ nonce
 *
 * and is sent with the last three in the header X-Hebb-Signature. So the receiver can reject
 * strangers before it reads the body. An answer's signature covers the nonce of its request.
 * @module
 */

export const SIGNATURE_HEADER = 'X-Hebb-Signature';

/** Minimum length of a secret, characters. */
export const MIN_SECRET = 16;

export interface RequestHead {
  readonly method: string;
  /** With the query, as sent: "/v2/models/imagenet/infer". */
  readonly path: string;
}

/** The signed values besides method and path. */
export interface Signed {
  /** Ms since 1970, by the signer's clock. */
  readonly time: number;
  /** 32 hexadecimal digits, new for each request. */
  readonly nonce: string;
  /** SHA-256 of the body, in hexadecimal. */
  readonly digest: string;
}

const HEADER = /^t=(\d{1,15}),n=([0-9a-f]{32}),d=([0-9a-f]{64}),s=([0-9a-f]{64})$/;

/** The value of the header for a request. */
export async function signRequest(head: RequestHead, signed: Signed, secret: string) {
  const { time, nonce, digest } = signed;
  const mac = await crypto.subtle.sign('HMAC', await hmacKey(secret), requestText(head, signed));
  return `t=${time},n=${nonce},d=${digest},s=${toHex(mac)}`;
}

/**
 * The values of the header if one of the secrets signed them, otherwise undefined. The caller must still check
 * time, nonce and body.
 */
export async function verifyRequest(
  head: RequestHead,
  header: string,
  secrets: readonly string[],
): Promise<(Signed & { readonly secret: string }) | undefined> {
  const [, time, nonce, digest, signature] = HEADER.exec(header) ?? [];
  if (!time || !nonce || !digest || !signature) return undefined;
  const signed = { time: Number(time), nonce, digest };
  for (const secret of secrets) {
    const key = await hmacKey(secret);
    // `verify` compares in constant time.
    if (await crypto.subtle.verify('HMAC', key, fromHex(signature), requestText(head, signed))) {
      return { ...signed, secret };
    }
  }
  return undefined;
}

/** The value of the header for the answer to the request with that nonce. */
export async function signAnswer(nonce: string, body: Uint8Array<ArrayBuffer>, secret: string) {
  const text = answerText(nonce, await sha256(body));
  return `s=${toHex(await crypto.subtle.sign('HMAC', await hmacKey(secret), text))}`;
}

/** Whether the tier signed this body as the answer to this nonce. */
export async function verifyAnswer(
  nonce: string,
  body: Uint8Array<ArrayBuffer>,
  header: string,
  secret: string,
): Promise<boolean> {
  const signature = /^s=([0-9a-f]{64})$/.exec(header)?.[1];
  if (!signature) return false;
  const text = answerText(nonce, await sha256(body));
  return await crypto.subtle.verify('HMAC', await hmacKey(secret), fromHex(signature), text);
}

/** SHA-256, in hexadecimal. */
export const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  toHex(await crypto.subtle.digest('SHA-256', bytes));

export const newNonce = (): string => toHex(crypto.getRandomValues(new Uint8Array(16)).buffer);

const requestText = ({ method, path }: RequestHead, { digest, time, nonce }: Signed) =>
  new TextEncoder().encode(['hebb-hop-1', method, path, digest, time, nonce].join('\n'));

const answerText = (nonce: string, digest: string) =>
  new TextEncoder().encode(['hebb-hop-1 answer', nonce, digest].join('\n'));

const hmacKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  );

const toHex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
