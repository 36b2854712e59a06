/**
 * Tells whoever asked for it that a job has ended: at least once, under one id for each end.
 * @module
 */
import { HebbError } from '../../../shared/model/errors.ts';
import type { JobEvent } from '../../../shared/model/jobs/status.ts';
import type { JobContext } from '../context.ts';
import { tidy } from '../finish.ts';
import { readFacts, statusOf } from '../progress.ts';
import { parseSecrets, signatureHeaders } from './sign.ts';
import type { WebhookTargets } from './targets.ts';

export interface WebhookSender {
  readonly targets: WebhookTargets;
  /** HEBB_WEBHOOK_SECRET. */
  readonly secret: string | undefined;
  readonly fetch: typeof fetch;
}

/** The URL, if a webhook can be sent there, signed. Throws `webhook_refused`. */
export function checkWebhook({ targets, secret }: WebhookSender, text: string): string {
  const url = targets.check(text);
  if (parseSecrets(secret).length > 0) return url.href;
  throw new HebbError(
    'webhook_refused',
    'Webhooks are signed, and there is nothing to sign with.',
    {
      hint: 'Whoever runs this sets HEBB_WEBHOOK_SECRET.',
    },
  );
}

/** Throws `webhook_failed` when it has to be tried again. */
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
  if (!end || webhookEnd) return; // being replayed, or delivered
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
  const url = targets.check(text); // the list may have changed
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
  response.body?.cancel().catch(() => {}); // nothing of it is wanted
  if (!response.ok) throw failed(url, `status ${response.status}`);
}

const failed = ({ host }: URL, why: string, cause?: unknown) =>
  new HebbError('webhook_failed', `${host} did not take the webhook: ${why}.`, { cause });
