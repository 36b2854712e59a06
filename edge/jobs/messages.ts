/**
 * What goes through the queue: names of things in the bucket, never the things. A message of Queues
 * may have 128 KB.
 * @module
 */
import { isJobId } from './job-id.ts';
import type { LineError } from './line.ts';

/** Work on a chunk, or deliver the webhook. */
export type JobMessage =
  | { readonly kind: 'chunk'; readonly job: string; readonly chunk: number }
  | { readonly kind: 'webhook'; readonly job: string };

/**
 * What kept failing. Without an error it is the platform that put it there: the consumer ended, again
 * and again, before it could say anything.
 */
export type DeadMessage = JobMessage & {
  readonly error?: LineError;
  readonly attempts?: number;
};

/** What is used of a queue that one sends to. */
export interface MessageQueue<Body> {
  sendBatch(messages: readonly { body: Body; contentType: 'json' }[]): Promise<unknown>;
}

/** What is used of a batch of messages that was received. */
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

/** Messages that one call of `sendBatch` takes. */
const MAX_BATCH = 100;

export async function sendAll<Body>(queue: MessageQueue<Body>, bodies: readonly Body[]) {
  for (let at = 0; at < bodies.length; at += MAX_BATCH) {
    const batch = bodies.slice(at, at + MAX_BATCH);
    await queue.sendBatch(batch.map((body) => ({ body, contentType: 'json' })));
  }
}

/** The message; undefined for what is none of ours. */
export function parseMessage(body: unknown): DeadMessage | undefined {
  const { kind, job, chunk } = (body ?? {}) as Record<string, unknown>;
  if (typeof job !== 'string' || !isJobId(job)) return undefined;
  if (kind === 'webhook') return body as DeadMessage;
  const isChunk = kind === 'chunk' && Number.isSafeInteger(chunk) && (chunk as number) >= 0;
  return isChunk ? (body as DeadMessage) : undefined;
}
