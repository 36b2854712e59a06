/**
 * Failures of wrangler commands as typed errors.
 * @module
 */
import { type ErrorCode, HebbError } from '@hebb/model';
import type { WranglerResult } from './run.ts';

interface Known {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** Messages of wrangler 4 and their remedies. Codes in brackets are those of Cloudflare's API. */
const KNOWN: readonly Known[] = [
  {
    pattern: /CLOUDFLARE_API_TOKEN|not authenticated|not logged in/i,
    code: 'not_logged_in',
    message: 'wrangler is not logged in to a Cloudflare account.',
  },
  {
    pattern:
      /Authentication error|Invalid access token|Invalid request headers|- 40[13]: |\[code: (10000|9109|6003)\]/i,
    code: 'not_logged_in',
    message: 'Cloudflare does not accept the credentials of wrangler, or they lack a permission.',
    hint: 'Run npx wrangler login; an API token needs the permissions Workers R2 Storage: Edit and Workers KV Storage: Edit.',
  },
  {
    pattern: /bucket does not exist|\[code: 10006\]/i,
    code: 'publish_failed',
    message: 'The account does not have this bucket.',
    hint: 'npm run deploy creates it. To use another one, change its name in wrangler.toml.',
  },
  {
    pattern:
      /namespace (identifier|id)?.{0,20}(not found|invalid|malformed)|No KV namespace ID found|Worker does not exist|\[code: (10007|10013|10011|10041)\]/i,
    code: 'publish_failed',
    message: 'The account does not have this KV namespace, or no Worker is bound to it.',
    hint: 'npm run deploy creates both. If wrangler.toml has an id for the namespace, remove or correct it.',
  },
  {
    pattern: /fetch failed|network connectivity|ENOTFOUND|ECONNREFUSED|EAI_AGAIN/i,
    code: 'publish_failed',
    message: 'There is no connection to Cloudflare.',
    hint: 'Check the network and run the command again: it skips what is already there.',
  },
];

/** The error for a failed wrangler command; unknown messages are quoted. */
export function wranglerError(result: WranglerResult): HebbError {
  const said = `${result.stderr}\n${result.stdout}`;
  const known = KNOWN.find(({ pattern }) => pattern.test(said));
  if (known) {
    return new HebbError(known.code, known.message, {
      ...(known.hint && { hint: known.hint }),
      cause: new Error(said),
    });
  }
  // What wrangler says before it starts, of its Node for example, is not marked.
  const line =
    (/\[?ERROR\]?\s*(.+)/.exec(said) ?? /^\s*(\S.*)/.exec(said))?.[1] ??
    `it ended with code ${result.code}`;
  return new HebbError('publish_failed', `wrangler failed: ${line.trim()}`, {
    cause: new Error(said),
  });
}
