/**
 * Messages of the queue: keys of objects in the bucket, never their content. A message of Queues may have
 * 128 KB.
 * @module
 */
import { isJobId } from './job-id.ts';
import type { LineError } from './line.ts';

/** A chunk to classify, or a webhook to deliver. */
export type JobMessage =
  | { readonly kind: 'chunk'; readonly job: string; readonly chunk: number }
  | { readonly kind: 'webhook'; readonly job: string };

/**
 * A message that failed for good. Without an error the platform moved it: every attempt was cut off.
 */
export type DeadMessage = JobMessage & {
  readonly error?: LineError;
  readonly attempts?: number;
};

/** The part of a queue's producer that is used. */
export interface MessageQueue<Body> {
  sendBatch(messages: readonly { body: Body; contentType: 'json' }[]): Promise<unknown>;
}

/** The part of a received batch of messages that is used. */
export interface MessageBatch {
  readonly queue: string;
  readonly messages: readonly Message[];
}

export interface Message {
  readonly body: unknown;
  /** 1 for the first delivery. */
  readonly attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

/** Most messages of one call of `sendBatch`. */
const MAX_BATCH = 100;

export async function sendAll<Body>(queue: MessageQueue<Body>, bodies: readonly Body[]) {
  for (let at = 0; at < bodies.length; at += MAX_BATCH) {
    const batch = bodies.slice(at, at + MAX_BATCH);
    await queue.sendBatch(batch.map((body) => ({ body, contentType: 'json' })));
  }
}

/** The message; undefined if it is none of these. */
export function parseMessage(body: unknown): DeadMessage | undefined {
  const { kind, job, chunk } = (body ?? {}) as Record<string, unknown>;
  if (typeof job !== 'string' || !isJobId(job)) return undefined;
  if (kind === 'webhook') return body as DeadMessage;
  const isChunk = kind === 'chunk' && Number.isSafeInteger(chunk) && (chunk as number) >= 0;
  return isChunk ? (body as DeadMessage) : undefined;
}
