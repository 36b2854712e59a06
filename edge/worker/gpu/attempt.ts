/**
 * One signed request to the GPU tier, with a timeout and a validated answer.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import {
  newNonce,
  SIGNATURE_HEADER,
  sha256,
  signRequest,
  verifyAnswer,
} from '@hebb/protocol/hop/signature';
import { readResponse } from '../body/read-body.ts';
import { BadAnswer, type Computed, type ExpectedAnswer, readAnswer } from './answer.ts';
import type { Chunk } from './chunk.ts';
import { failureOf, GpuFailure } from './failure.ts';

export interface Hop {
  /** "https://gpu.example.com" */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Without a secret requests are not signed: the tier is on this machine, or behind mTLS. */
  readonly secret: string | undefined;
}

export interface Question extends ExpectedAnswer {
  readonly model: string;
  readonly chunk: Chunk;
  /** Expected extra time for decoding its images, whole ms. */
  readonly decodeMs: number;
  readonly requestId: string;
}

export interface Reply extends Computed {
  readonly queueDepth: number;
}

/** Most bytes of the JSON in front of the tensor. */
const MOST_HEAD = 65_536;

/** Most bytes of an error answer. */
const MOST_ERROR = 16_384;

export const digestOf = ({ chunk }: Question): Promise<string> => sha256(chunk.body);

/**
 * Sends the request once. Throws `GpuFailure`, or the signal's reason.
 * @param digest of the chunk's body
 * @param timeoutMs until the end of the answer
 */
export async function ask(
  hop: Hop,
  question: Question,
  { digest, timeoutMs, signal }: { digest: string; timeoutMs: number; signal: AbortSignal },
): Promise<Reply> {
  const timeout = AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)));
  try {
    return await exchange(hop, question, digest, timeoutMs, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof GpuFailure) throw error;
    const why = timeout.aborted
      ? `It did not answer within ${Math.round(timeoutMs)} ms.`
      : error instanceof BadAnswer
        ? error.message
        : 'The connection failed.';
    throw new GpuFailure('unavailable', why, { cause: error });
  }
}

async function exchange(
  { url, fetch, secret }: Hop,
  { model, version, images, classes, output, chunk, requestId }: Question,
  digest: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  const path = `/v2/models/${encodeURIComponent(model)}/versions/${version}/infer`;
  const nonce = newNonce();
  const head = { method: 'POST', path: new URL(url + path).pathname };
  const signed = { time: Date.now(), nonce, digest };
  const response = await fetch(url + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/octet-stream',
      'Inference-Header-Content-Length': String(chunk.headBytes),
      'X-Request-Id': requestId,
      'X-Request-Timeout-Ms': String(Math.max(1, Math.round(timeoutMs))),
      ...(secret !== undefined && { [SIGNATURE_HEADER]: await signRequest(head, signed, secret) }),
    },
    body: chunk.body,
    redirect: 'manual',
    signal,
  });
  const retryAfter = response.headers.get('retry-after');
  if (response.status !== 200) {
    throw failureOf(response.status, retryAfter, await textOf(response, timeoutMs));
  }
  const most = MOST_HEAD + 4 * images * classes;
  const body = await readResponse(response, most, { bytes: most, timeoutMs });
  const answer = body.slice(); // frees the rest of the buffer
  if (secret !== undefined) {
    const signature = response.headers.get(SIGNATURE_HEADER) ?? '';
    if (!(await verifyAnswer(nonce, answer, signature, secret))) {
      throw new BadAnswer('The answer of the GPU tier has no valid signature.');
    }
  }
  const headLength = response.headers.get('inference-header-content-length');
  return {
    ...readAnswer(answer, headLength, { version, images, classes, output }),
    queueDepth: Number(response.headers.get('x-hebb-queue-depth') ?? 0) || 0,
  };
}

async function textOf(response: Response, timeoutMs: number): Promise<string> {
  try {
    const limits = { bytes: MOST_ERROR, timeoutMs };
    return new TextDecoder().decode(await readResponse(response, MOST_ERROR, limits));
  } catch (error) {
    if (error instanceof HebbError) return ''; // too long, or cut off
    throw error;
  }
}
