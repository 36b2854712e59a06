/**
 * The consumer of the two queues: work, and dead letters.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { backOffSeconds } from './back-off.ts';
import { type Classify, workOnChunk } from './chunk.ts';
import type { JobContext } from './context.ts';
import { fileDeadLetter } from './dead-letters.ts';
import type { Inputs } from './inputs.ts';
import type { LineError } from './line.ts';
import {
  type DeadMessage,
  type Message,
  type MessageBatch,
  parseMessage,
  sendAll,
} from './messages.ts';
import { deliverWebhook, type WebhookSender } from './webhook/deliver.ts';

export interface ConsumerDependencies {
  readonly context: JobContext;
  readonly inputs: Inputs;
  readonly classify: Classify;
  readonly webhooks: WebhookSender;
}

/** A dead-letter queue has the name of its queue with this suffix. */
const DEAD_SUFFIX = '-dead';

/**
 * Handles a batch of messages. A message that fails is retried with back-off; after its last attempt it
 * goes to the dead-letter queue with the reason. If that fails too this throws, and the platform retries
 * the batch.
 */
export async function consume(batch: MessageBatch, dependencies: ConsumerDependencies) {
  for (const message of batch.messages) {
    const body = parseMessage(message.body);
    if (!body) {
      report('message_unknown', { queue: batch.queue });
      message.ack();
    } else if (batch.queue.endsWith(DEAD_SUFFIX)) {
      await fileDeadLetter(dependencies.context, dependencies.inputs, body);
      message.ack();
    } else {
      await attempt(message, body, dependencies);
    }
  }
}

async function attempt(message: Message, body: DeadMessage, dependencies: ConsumerDependencies) {
  const { context, classify, webhooks } = dependencies;
  const { limits, deadLetters } = context;
  const isWebhook = body.kind === 'webhook';
  const { attempts: most, backOff } = isWebhook ? limits.webhook : limits;
  // A failure in the last attempt would have moved it: so that attempt was cut off.
  if (message.attempts > most) return await moveToDeadLetters(message, body);
  try {
    if (isWebhook) await deliverWebhook(context, webhooks, body.job, message.attempts);
    else await workOnChunk(context, classify, body);
    message.ack();
  } catch (cause) {
    const error = reasonOf(cause);
    const { attempts } = message;
    report('job_attempt_failed', { ...body, attempts, of: most, error });
    if (attempts >= most) await moveToDeadLetters(message, { ...body, error });
    else message.retry({ delaySeconds: backOffSeconds(attempts, backOff, Math.random()) });
  }

  async function moveToDeadLetters({ attempts }: Message, letter: DeadMessage) {
    await sendAll(deadLetters, [{ ...letter, attempts }]);
    message.ack();
  }
}

/** The error of a dead letter; details of unexpected errors are only logged. */
function reasonOf(cause: unknown): LineError {
  if (cause instanceof HebbError) return cause.toBody().error;
  report('job_attempt_broken', { error: String((cause as Error)?.stack ?? cause) });
  return new HebbError('internal', 'Something went wrong here.').toBody().error;
}

function report(event: string, fields: object): void {
  console.error(JSON.stringify({ level: 'error', event, ...fields }));
}
