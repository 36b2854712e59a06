/**
 * Signatures of webhooks as standardwebhooks.com has them, for which libraries exist in most
 * languages: HMAC-SHA256 over `id.timestamp.body`.
 * @module
 */
import { HebbError } from '../../../shared/model/errors.ts';

const PREFIX = 'whsec_';

/** Of fewer bytes a secret can be guessed; the standard says 24 to 64. */
const MIN_BYTES = 24;

/**
 * HEBB_WEBHOOK_SECRET: `whsec_` and base64. Two with a space between while one takes the other's
 * place: every webhook is signed with both.
 */
export function parseSecrets(text = ''): Uint8Array<ArrayBuffer>[] {
  return text
    .split(/[\s,]+/)
    .filter((secret) => secret !== '')
    .map((secret) => {
      const bytes = secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : undefined;
      if (bytes && bytes.length >= MIN_BYTES) return bytes;
      throw new HebbError('internal', 'HEBB_WEBHOOK_SECRET holds what is no secret.', {
        hint: `Set it to ${PREFIX} and ${MIN_BYTES} random bytes or more in base64.`,
      });
    });
}

/** The headers that go with a body. @param seconds since 1970 */
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

async function sign(secret: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>) {
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
