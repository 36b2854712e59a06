import { ERRORS, type ErrorBody, HebbError } from '@hebb/model/errors';

/** An error that the service answered, with data from the answer's headers. */
export class ServiceError extends HebbError {
  /** The answer's request id, as in the service's log. */
  readonly requestId: string | undefined;
  /** `Retry-After`, ms. */
  readonly retryAfterMs: number | undefined;

  constructor({ error: { code, message, hint } }: ErrorBody, { headers }: Response) {
    super(code, message, { hint });
    this.requestId = headers.get('x-request-id') ?? undefined;
    const seconds = headers.get('retry-after');
    this.retryAfterMs =
      seconds !== null && /^\d+$/.test(seconds) ? 1000 * Number(seconds) : undefined;
  }
}

/** The error in an answer; `edge_unreachable` if the answer is not Hebb's. */
export async function errorOf(response: Response, edge: string): Promise<HebbError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isErrorBody(body)) return new ServiceError(body, response);
  return notHebb(edge, `answers ${response.status}`);
}

export const unreachable = (edge: string, cause: unknown) =>
  new HebbError('edge_unreachable', `${edge} does not answer.`, { cause });

export const notHebb = (edge: string, what: string) =>
  new HebbError('edge_unreachable', `${edge} ${what}, as no Worker of Hebb would.`);

export const brokenOff = (edge: string, cause?: unknown) =>
  new HebbError('edge_unreachable', `The answer of ${edge} broke off.`, {
    hint: 'Send the request again.',
    cause,
  });

export function isErrorBody(value: unknown): value is ErrorBody {
  const error = (value as Partial<ErrorBody> | null | undefined)?.error;
  return typeof error?.code === 'string' && Object.hasOwn(ERRORS, error.code);
}
