/**
 * POST /v2/models/{name}[/versions/{version}]/infer
 * @module
 */
import type { Handler } from 'hono';
import type { Clock } from '../../batching/clock.ts';
import type { Priority } from '../../batching/queue.ts';
import type { Models } from '../../host/models.ts';
import type { ServedModel } from '../../host/served-model.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { type Decode, readImages } from '../../protocol/images.ts';
import type { InferenceRequest } from '../../protocol/messages.ts';
import {
  booleanParameter,
  integerParameter,
  invalid,
  parseRequest,
} from '../../protocol/request.ts';
import { encodeResponse, wantedOutputs } from '../../protocol/response.ts';
import { readInputs } from '../../protocol/tensors.ts';
import { needsScope } from '../auth/access.ts';
import { checkBody, signBody } from '../auth/hop.ts';
import { rounded } from '../http/access-log.ts';
import { type BodyBudget, readBody } from '../http/body.ts';
import { disconnectSignal, type ServerContext, type ServerEnv } from '../http/context.ts';
import { outcomeOf } from '../http/errors.ts';

export interface InferDependencies {
  readonly models: Models;
  readonly decode: Decode;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Limit of a body, bytes. */
  readonly maxBody: number;
  readonly bodies: BodyBudget;
}

const HEADER_LENGTH = 'Inference-Header-Content-Length';
/** Milliseconds that the caller waits; the parameter "timeout" (microseconds) takes precedence. */
const TIMEOUT_HEADER = 'X-Request-Timeout-Ms';
/** Number of queued images, by which the edge decides whether to send more. */
const QUEUE_HEADER = 'X-Hebb-Queue-Depth';
/** One day: longer than any caller waits, and within the range of setTimeout. */
const LONGEST_TIMEOUT_MS = 86_400_000;

/** Result for a request in which no file is an image. */
const NOTHING = {
  outputs: {
    probabilities: new Float32Array(0),
    logits: new Float32Array(0),
    embedding: new Float32Array(0),
  },
  queueMs: 0,
  computeMs: 0,
};

export function infer(dependencies: InferDependencies): Handler<ServerEnv> {
  const { models, metrics, clock, bodies } = dependencies;
  return async (c) => {
    const arrivedAt = clock.now();
    needsScope(c, 'classify', 'batch');
    const model = models.get(c.req.param('model')!, c.req.param('version'));
    const { name } = model.manifest;
    let outcome = 'ok';
    try {
      return await model.use(() =>
        bodies.hold((reserve) => answer(c, model, arrivedAt, reserve, dependencies)),
      );
    } catch (error) {
      outcome = outcomeOf(error);
      c.set('retryAfter', model.retryAfterSeconds());
      throw error;
    } finally {
      metrics.request(name, outcome, (clock.now() - arrivedAt) / 1000);
    }
  };
}

async function answer(
  c: ServerContext,
  model: ServedModel,
  arrivedAt: number,
  reserve: (bytes: number) => void,
  { decode, maxBody }: InferDependencies,
): Promise<Response> {
  const signal = disconnectSignal(c);
  const body = await readBody(c.env.incoming, { limit: maxBody, reserve, check: checkBody(c) });
  const { request, binary } = parseRequest(body, c.req.header(HEADER_LENGTH));
  const wanted = wantedOutputs(request);
  const when = schedule(request, c.req.header(TIMEOUT_HEADER), arrivedAt);
  const tensors = readInputs(request.inputs, binary);
  if ((tensors[0]?.shape[0] ?? 0) > 1) needsScope(c, 'batch'); // as at the edge
  const { manifest, maxImages } = model;
  const imageErrors = booleanParameter(request.parameters, 'image_errors') ?? false;
  const reader = { manifest, decode, maxImages, reserve, signal, imageErrors };
  const { images, errors } = await readImages(tensors, reader);
  const { outputs, queueMs, computeMs } =
    images.count > 0 ? await model.infer(images, { ...when, signal }) : NOTHING;

  c.set('logFields', {
    model: manifest.name,
    images: images.count,
    ...(errors.length > 0 && { refused: errors.length }),
    queueMs: rounded(queueMs),
    computeMs: rounded(computeMs),
    outcome: 'ok',
  });
  const { id } = request;
  const response = encodeResponse(model, id, wanted, outputs, images.count, errors);
  if (response.headerLength === undefined) {
    c.header('Content-Type', 'application/json');
  } else {
    c.header('Content-Type', 'application/octet-stream');
    c.header(HEADER_LENGTH, String(response.headerLength));
  }
  await signBody(c, response.body);
  c.header(QUEUE_HEADER, String(model.queueDepth()));
  c.header('Server-Timing', `queue;dur=${rounded(queueMs)}, compute;dur=${rounded(computeMs)}`);
  return c.body(response.body);
}

/** Priority and deadline (Triton's schedule policy extension: µs, 0 for the default). */
function schedule(
  { parameters }: InferenceRequest,
  header: string | undefined,
  arrivedAt: number,
): { priority: Priority; deadline?: number } {
  const priority = integerParameter(parameters, 'priority', 0, 2) === 2 ? 2 : 1;
  const micros = integerParameter(parameters, 'timeout', 0, LONGEST_TIMEOUT_MS * 1000) ?? 0;
  const timeout = micros > 0 ? micros / 1000 : headerTimeout(header);
  return timeout === undefined ? { priority } : { priority, deadline: arrivedAt + timeout };
}

function headerTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = Number(header);
  if (/^\d+$/.test(header) && ms >= 1 && ms <= LONGEST_TIMEOUT_MS) return ms;
  throw invalid(`${TIMEOUT_HEADER} must be whole milliseconds from 1 to ${LONGEST_TIMEOUT_MS}.`);
}
