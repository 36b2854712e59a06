/**
 * Jobs over HTTP, as any client has them.
 * @module
 */
import { ERRORS, type ErrorBody, HebbError } from '../../shared/model/errors.ts';
import type { JobList, JobState, JobStatus } from '../../shared/model/jobs/status.ts';

export interface JobsClientOptions {
  /** As in https://hebb.example.com. */
  readonly edge: string;
  /** An API key with the scope `batch`, where one is needed. */
  readonly key?: string;
  readonly fetch: typeof fetch;
}

export interface ResultPage {
  /** NDJSON. */
  readonly text: string;
  readonly next: number;
  readonly state: JobState;
}

const TIMEOUT_MS = 30_000;

export class JobsClient {
  readonly #options: JobsClientOptions;

  constructor(options: JobsClientOptions) {
    this.#options = options;
  }

  async list(limit: number): Promise<JobList> {
    return (await (await this.#ask(`?limit=${limit}`)).json()) as JobList;
  }

  async show(id: string): Promise<JobStatus> {
    return (await (await this.#ask(`/${encodeURIComponent(id)}`)).json()) as JobStatus;
  }

  /** The results that are there, from line `offset` on. */
  async results(id: string, offset: number): Promise<ResultPage> {
    const response = await this.#ask(`/${encodeURIComponent(id)}/results?offset=${offset}`);
    return {
      text: await response.text(),
      next: Number(response.headers.get('x-hebb-next-offset')),
      state: response.headers.get('x-hebb-job-state') as JobState,
    };
  }

  async replay(id: string): Promise<JobStatus> {
    const response = await this.#ask(`/${encodeURIComponent(id)}/replay`, 'POST');
    return (await response.json()) as JobStatus;
  }

  async cancel(id: string): Promise<void> {
    await this.#ask(`/${encodeURIComponent(id)}`, 'DELETE');
  }

  async #ask(path: string, method = 'GET'): Promise<Response> {
    const { edge, key, fetch } = this.#options;
    const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
    const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch(new URL(`/v1/jobs${path}`, edge), init).catch((cause: unknown) => {
      throw new HebbError('download_failed', `${edge} does not answer.`, {
        hint: 'Start it with npm start, or name another Worker with --edge.',
        cause,
      });
    });
    if (response.ok) return response;
    throw await errorOf(response, edge);
  }
}

/** The Worker's own error where it is one of the table. */
async function errorOf(response: Response, edge: string): Promise<HebbError> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
  const { code, message, hint } = body?.error ?? {};
  if (code !== undefined && Object.hasOwn(ERRORS, code)) {
    const needsKey = code === 'key_required';
    const own = needsKey ? 'Set HEBB_KEY to a key that hebb keys create --scope batch made.' : hint;
    return new HebbError(code, String(message), own === undefined ? {} : { hint: own });
  }
  return new HebbError('download_failed', `${edge} answers ${response.status}.`, {
    hint: 'Check the address, and that a Worker of Hebb answers there.',
  });
}
