/**
 * Signatures of webhooks according to standardwebhooks.com, which has libraries for most languages:
 * HMAC-SHA256 over `id.timestamp.body`.
 * @module
 */
import { HebbError } from '@hebb/model/errors';

const PREFIX = 'whsec_';

/** The standard requires 24 to 64 bytes. */
const MIN_BYTES = 24;

/**
 * HEBB_WEBHOOK_SECRET: `whsec_` and base64. During a rotation two, separated by a space: every webhook is
 * signed with both.
 */
export function parseSecrets(text = ''): Uint8Array<ArrayBuffer>[] {
  return text
    .split(/[\s,]+/)
    .filter((secret) => secret !== '')
    .map((secret) => {
      const bytes = secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : undefined;
      if (bytes && bytes.length >= MIN_BYTES) return bytes;
      throw new HebbError('internal', 'HEBB_WEBHOOK_SECRET is not a valid secret.', {
        hint: `The operator sets it to ${PREFIX} and at least ${MIN_BYTES} random bytes in base64.`,
      });
    });
}

/** The signature headers of a body. @param seconds since 1970 */
export async function signatureHeaders(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Promise<Record<string, string>> {
  const signed = new TextEncoder().encode(`${id}.${seconds}.${body}`);
  const signatures = await Promise.all(secrets.map(async (secret) => await sign(secret, signed)));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  };
}

async function sign(secret: Uint8Array<ArrayBuffer>, data: Uint8Array) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, data));
  return btoa(String.fromCharCode(...mac));
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
