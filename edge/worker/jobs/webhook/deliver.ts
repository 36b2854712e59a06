/**
 * Delivers the webhook at the end of a job: at least once, with one id for each end.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { JobEvent } from '@hebb/protocol/jobs/status';
import type { JobContext } from '../context.ts';
import { tidy } from '../lifecycle.ts';
import { readFacts, statusOf } from '../progress.ts';
import { parseSecrets, signatureHeaders } from './sign.ts';
import type { WebhookTargets } from './targets.ts';

export interface WebhookSender {
  readonly targets: WebhookTargets;
  /** HEBB_WEBHOOK_SECRET. */
  readonly secret: string | undefined;
  readonly fetch: typeof fetch;
}

/** The URL, if signed webhooks can be sent to it. Throws `webhook_refused`. */
export function checkWebhook({ targets, secret }: WebhookSender, text: string): string {
  const url = targets.check(text);
  if (parseSecrets(secret).length > 0) return url.href;
  throw new HebbError(
    'webhook_refused',
    'Webhooks must be signed, and this service has no secret to sign them with.',
    { hint: 'Ask GET /v1/jobs/{id} instead. The operator can set HEBB_WEBHOOK_SECRET.' },
  );
}

/** Throws `webhook_failed` for a retry. */
export async function deliverWebhook(
  context: JobContext,
  sender: WebhookSender,
  id: string,
  attempts: number,
): Promise<void> {
  const { store, limits, now } = context;
  const job = await store.job(id);
  if (job?.webhook === undefined) return; // deleted
  const facts = await readFacts(store, job);
  const { end, webhookEnd } = facts;
  if (!end || webhookEnd) return; // being replayed, or delivered already
  const event: JobEvent = {
    type: `job.${end.state}`,
    timestamp: new Date(end.at).toISOString(),
    data: statusOf(facts, { now: now(), keepMs: limits.keepMs }),
  };
  await post(sender, job.webhook, `${id}.${end.at}`, event, limits.webhook.timeoutMs, now());
  const delivered = { state: 'delivered', at: now(), attempts } as const;
  await store.putWebhookEnd(id, delivered);
  if (!(await store.exists(id))) return await store.remove(id); // deleted meanwhile
  await tidy(context, { ...facts, webhookEnd: delivered });
}

async function post(
  { targets, secret, fetch }: WebhookSender,
  text: string,
  id: string,
  event: JobEvent,
  timeoutMs: number,
  now: number,
): Promise<void> {
  const url = targets.check(text); // the allow list may have changed
  const body = JSON.stringify(event);
  const seconds = Math.floor(now / 1000);
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'hebb',
    ...(await signatureHeaders(parseSecrets(secret), { id, seconds, body })),
  };
  const init = { method: 'POST', headers, body, redirect: 'manual' } as const;
  const response = await fetch(url.href, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw failed(url, 'no answer', cause);
    },
  );
  response.body?.cancel().catch(() => {}); // the body is not needed
  if (!response.ok) throw failed(url, `status ${response.status}`);
}

const failed = ({ host }: URL, why: string, cause?: unknown) =>
  new HebbError('webhook_failed', `The webhook to ${host} failed: ${why}.`, { cause });
