import { type ErrorCode, HebbError } from '../../../shared/model/index.ts';
import type { WranglerResult } from './run.ts';

interface Known {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** What wrangler 4 says, and what there is to do. Codes in brackets are those of Cloudflare's API. */
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
    message: 'Cloudflare does not accept the credentials of wrangler, or they do not reach so far.',
    hint: 'Run npx wrangler login; an API token needs the permissions Workers R2 Storage: Edit and Workers KV Storage: Edit.',
  },
  {
    pattern: /bucket does not exist|\[code: 10006\]/i,
    code: 'publish_failed',
    message: 'The account has no such bucket.',
    hint: 'npm run deploy makes it. For another one, change its name in wrangler.toml.',
  },
  {
    pattern:
      /namespace (identifier|id)?.{0,20}(not found|invalid|malformed)|No KV namespace ID found|Worker does not exist|\[code: (10007|10013|10011|10041)\]/i,
    code: 'publish_failed',
    message: 'The account has no such KV namespace, or no Worker that is bound to it.',
    hint: 'npm run deploy makes both. If wrangler.toml has an id for it, leave that out, or correct it.',
  },
  {
    pattern: /fetch failed|network connectivity|ENOTFOUND|ECONNREFUSED|EAI_AGAIN/i,
    code: 'publish_failed',
    message: 'There is no connection to Cloudflare.',
    hint: 'Check the network and run the command again: it skips what is there already.',
  },
];

/** A failed wrangler command as an error of ours; what it does not know is quoted. */
export function wranglerError(result: WranglerResult): HebbError {
  const said = `${result.stderr}\n${result.stdout}`;
  const known = KNOWN.find(({ pattern }) => pattern.test(said));
  if (known) {
    return new HebbError(known.code, known.message, {
      ...(known.hint && { hint: known.hint }),
      cause: new Error(said),
    });
  }
  const line = /\[?ERROR\]?\s*(.+)/.exec(said)?.[1] ?? `it ended with code ${result.code}`;
  return new HebbError('publish_failed', `wrangler failed: ${line.trim()}`, {
    cause: new Error(said),
  });
}
