/**
 * Creates jobs and waits for them.
 * @module
 */
import type { ErrorBody } from '@hebb/model/errors';
import { hasEnded, type JobStatus } from '@hebb/protocol/jobs/status';

export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/** A line of the results. */
export interface ResultLine {
  readonly index: number;
  readonly name?: string;
  readonly tier?: string;
  readonly predictions?: readonly { label: string }[];
  readonly error?: ErrorBody['error'];
  readonly dead?: true;
}

/** An NDJSON body with many images. */
export const ndjson = (images: readonly { name?: string; image: Uint8Array }[]): string =>
  images
    .map(({ image, ...rest }) => ({ ...rest, image: Buffer.from(image).toString('base64') }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

export async function postJob(fetch: Fetch, body: string, query = '', headers = {}) {
  const response = await fetch(`/v1/jobs${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  const status = (await response.json()) as JobStatus & ErrorBody;
  return { response, status };
}

export async function jobStatus(fetch: Fetch, id: string): Promise<JobStatus> {
  return (await (await fetch(`/v1/jobs/${id}`)).json()) as JobStatus;
}

/** Waits until the job's status satisfies the condition. */
export async function jobWhen(
  fetch: Fetch,
  id: string,
  wanted: (status: JobStatus) => boolean,
): Promise<JobStatus> {
  for (;;) {
    const status = await jobStatus(fetch, id);
    if (wanted(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const ended = ({ state }: JobStatus): boolean => hasEnded(state);

export async function results(fetch: Fetch, id: string, offset = 0) {
  const response = await fetch(`/v1/jobs/${id}/results?offset=${offset}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return {
    lines: lines.map((line) => JSON.parse(line) as ResultLine),
    next: Number(response.headers.get('x-hebb-next-offset')),
    state: response.headers.get('x-hebb-job-state'),
  };
}
