import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyDigest, newKey, newKeyId } from '@hebb/protocol/access/api-key';
import { recordName } from '@hebb/protocol/access/key-record';
import type { Scope } from '@hebb/protocol/access/scopes';
import type { JobEvent, JobList, JobStatus } from '@hebb/protocol/jobs/status';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { ended, jobStatus, jobWhen, ndjson, postJob, results } from '@hebb/test/jobs/client';
import { hebb } from '@hebb/test/support/cli';
import { type MisbehavingTier, misbehavingTier } from '@hebb/test/support/misbehaving-tier';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { tierForTest } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { workerForTest } from '@hebb/test/support/worker-for-test';
import { jobsCommand } from 'hebb/jobs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newJobId } from './job-id.ts';
import { RESTARTED } from './sweep.ts';

const SECRET = Buffer.alloc(32, 7);
const HOP_SECRET = 'of the hop in this test';

let model: TestPackage;
let worker: TestWorker;
let jpeg: Buffer;
/** In place of a GPU tier; never answers. */
let away: MisbehavingTier;
/** Receives webhooks; fails the first of each kind. */
let hooks: Server;
let hook: string;
const taken: { path: string; status: number; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const { url: path = '', headers } = request;
    const before = taken.filter((one) => one.path === path).length;
    const status = path === '/never' || (path === '/second' && before === 0) ? 500 : 204;
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      taken.push({ path, status, headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
  model = await testPackage({ classes: 4, inputSize: 64 });
  away = await misbehavingTier('http://127.0.0.1', () => 'dead');
  worker = await startWorker({
    model: model.dir,
    vars: {
      HEBB_WEBHOOK_ALLOW: hook,
      HEBB_WEBHOOK_SECRET: `whsec_${SECRET.toString('base64')}`,
      HEBB_JOB_RETRY_SECONDS: '0',
      HEBB_GPU_URL: away.url,
      HEBB_HOP_SECRET: HOP_SECRET,
    },
  });
  jpeg = await encoder(picture(160, 120)).jpeg().toBuffer();
});
afterAll(async () => {
  await worker.close();
  await away.close();
  await model.remove();
  hooks.close();
});

const images = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `photo ${n}.jpg`, image: jpeg }));

const post = (
  ...args: Parameters<typeof postJob> extends [unknown, ...infer Rest] ? Rest : never
) => postJob(worker.fetch, ...args);

const webhook = (path: string) => `?webhook=${encodeURIComponent(hook + path)}`;

/** The header of a fresh API key. */
async function key(scope: Scope): Promise<{ authorization: string }> {
  const id = newKeyId();
  const secret = newKey(id);
  const record = {
    id,
    name: scope,
    scopes: [scope],
    createdAt: new Date().toISOString(),
    secrets: [{ sha256: await keyDigest(secret) }],
  };
  const store = await worker.miniflare.getKVNamespace('KEYS');
  await store.put(recordName(id), JSON.stringify(record));
  return { authorization: `Bearer ${secret}` };
}

/** Keys in the bucket that belong to the job. */
async function keysOf(id: string): Promise<string[]> {
  return (await allKeys()).filter((key) => key.includes(id));
}

async function allKeys(): Promise<string[]> {
  const bucket = await worker.miniflare.getR2Bucket('JOBS');
  const keys: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ limit: 1000, ...(cursor !== undefined && { cursor }) });
    keys.push(...page.objects.map(({ key }) => key));
    if (!page.truncated) return keys;
    cursor = page.cursor;
  }
}

async function schedule(cron: string, scheduledTime = new Date()): Promise<void> {
  const fetcher = await worker.miniflare.getWorker();
  expect((await fetcher.scheduled({ cron, scheduledTime })).outcome).toBe('ok');
}

describe('POST /v1/jobs', () => {
  it('accepts images, answers at once, and has a line for each at the end', async () => {
    const { response, status } = await post(ndjson(images(20)), '?top=2');
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/v1/jobs/${status.id}`);
    expect(status).toMatchObject({
      state: 'queued',
      images: { total: 20, done: 0 },
      options: { top: 2, engine: 'int8', tier: 'auto' },
    });
    const end = await jobWhen(worker.fetch, status.id, ended);
    expect(end).toMatchObject({
      state: 'completed',
      images: { total: 20, done: 20, succeeded: 20, failed: 0, dead: 0 },
      progress: 1,
      tiers: { edge: 20, gpu: 0 },
    });
    const { lines } = await results(worker.fetch, status.id);
    expect(lines.map(({ index, name }) => [index, name])).toEqual(
      images(20).map(({ name }, index) => [index, name]),
    );
    expect(lines[0]!.predictions).toHaveLength(2);
  });

  it('sends results from any line on, so that a reader can resume', async () => {
    const { status } = await post(ndjson(images(20)));
    await jobWhen(worker.fetch, status.id, ended);
    for (const offset of [0, 3, 16, 19, 20]) {
      const { lines, next, state } = await results(worker.fetch, status.id, offset);
      expect(lines.map(({ index }) => index)).toEqual(
        Array.from({ length: 20 - offset }, (_, n) => offset + n),
      );
      expect([next, state]).toEqual([20, 'completed']);
    }
    expect((await worker.fetch(`/v1/jobs/${status.id}/results?offset=21`)).status).toBe(400);
  });

  it('has an error line for a broken image', async () => {
    const broken = { name: 'broken.jpg', image: jpeg.subarray(0, 100) };
    const { status } = await post(ndjson([...images(2), broken, ...images(1)]));
    const { images: counts, state } = await jobWhen(worker.fetch, status.id, ended);
    expect(state).toBe('completed');
    expect(counts).toEqual({ total: 4, done: 4, succeeded: 3, failed: 1, dead: 0 });
    const { lines } = await results(worker.fetch, status.id);
    expect(lines[2]).toMatchObject({
      index: 2,
      name: 'broken.jpg',
      error: { code: 'broken_image' },
    });
  });

  it('deletes the images at the end of the job', async () => {
    const { status } = await post(ndjson(images(17)));
    await jobWhen(worker.fetch, status.id, ended);
    await jobWhen(worker.fetch, status.id, () => true);
    const folder = `jobs/${status.id}`;
    const left = () => keysOf(status.id);
    while ((await left()).some((key) => key.startsWith('open/'))); // deleted last
    expect(await left()).toEqual([
      `${folder}/end.json`,
      `${folder}/job.json`,
      `${folder}/results/0000`,
      `${folder}/results/0001`,
      `owners/local/${status.id}`,
    ]);
  });

  it.each([
    ['?top=99', 'invalid_argument'],
    ['?tier=moon', 'invalid_argument'],
    ['?escalate_below=2', 'invalid_argument'],
    ['?deadline_ms=5', 'invalid_argument'],
    ['?webhook=https%3A%2F%2Fexample.com%2F', 'webhook_refused'],
  ])('refuses %s', async (query, code) => {
    const { status } = await post(ndjson(images(1)), query);
    expect(status.error.code).toBe(code);
  });

  it('refuses a body without images, and stores nothing', async () => {
    const others = new Set(await allKeys()); // of other tests' jobs, which may still be running
    const { status } = await post('');
    expect(status.error.code).toBe('missing_image');
    const left = (await allKeys()).filter((key) => key.startsWith('open/'));
    expect(left.filter((key) => !others.has(key))).toEqual([]);
  });
});

describe('a body that is cut off', () => {
  it('creates no job, and leaves nothing stored', async () => {
    const text = new TextEncoder().encode(ndjson(images(6)));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(text);
        await stored; // some of them are
        controller.error(new Error('the client is gone'));
      },
    });
    const others = new Set(await allKeys());
    const inputs = async () => {
      const own = (await allKeys()).filter((key) => !others.has(key));
      return own.filter((key) => key.includes('/inputs/') || key.startsWith('open/'));
    };
    const stored = (async () => {
      while ((await inputs()).length < 2);
    })();
    const init = { method: 'POST', body, duplex: 'half', headers: NDJSON } as RequestInit;
    await expect(worker.fetch('/v1/jobs', init)).rejects.toThrow();
    while ((await inputs()).length > 0);
  });
});

describe('Idempotency-Key', () => {
  it('returns the same job for the same request', async () => {
    const headers = { 'idempotency-key': 'march' };
    const first = await post(ndjson(images(3)), '?top=1', headers);
    const again = await post(ndjson(images(3)), '?top=1', headers);
    expect(again.status.id).toBe(first.status.id);
    expect(again.response.headers.get('idempotency-replayed')).toBe('true');
    const other = await post(ndjson(images(3)), '?top=2', headers);
    expect(other.status.error.code).toBe('idempotency_reused');
  });

  it('creates one job for concurrent requests', async () => {
    const headers = { 'idempotency-key': 'twins' };
    const both = await Promise.all([0, 1, 2].map(() => post(ndjson(images(5)), '', headers)));
    expect(new Set(both.map(({ status }) => status.id)).size).toBe(1);
    const [{ id }] = both.map(({ status }) => status) as [{ id: string }, ...unknown[]];
    const { jobs } = (await (await worker.fetch('/v1/jobs?limit=100')).json()) as JobList;
    expect(jobs.filter(({ images: { total } }) => total === 5).map((job) => job.id)).toEqual([id]);
  });
});

describe('a job', () => {
  it('is deleted with all its objects, also while it is running', async () => {
    const { status } = await post(ndjson(images(60)));
    await jobWhen(worker.fetch, status.id, ({ images: { done } }) => done > 0);
    const response = await worker.fetch(`/v1/jobs/${status.id}`, { method: 'DELETE' });
    expect(response.status).toBe(204);
    expect((await worker.fetch(`/v1/jobs/${status.id}`)).status).toBe(404);
    // Jobs run in order: when a later one has ended, nothing of this one is running.
    const { status: later } = await post(ndjson(images(1)));
    await jobWhen(worker.fetch, later.id, ended);
    expect(await keysOf(status.id)).toEqual([]);
  });

  it('is visible to its owner and to admins only', async () => {
    const [owner, other, admin] = [await key('batch'), await key('batch'), await key('admin')];
    const { status } = await post(ndjson(images(1)), '', owner);
    const seen = async (headers: Record<string, string>) => {
      const list = (await (await worker.fetch('/v1/jobs', { headers })).json()) as JobList;
      const one = await worker.fetch(`/v1/jobs/${status.id}`, { headers });
      return [one.status, list.jobs.some(({ id }) => id === status.id)];
    };
    expect(await seen(owner)).toEqual([200, true]);
    expect(await seen(admin)).toEqual([200, true]);
    expect(await seen(other)).toEqual([404, false]);
    const remove = { method: 'DELETE', headers: other };
    expect((await worker.fetch(`/v1/jobs/${status.id}`, remove)).status).toBe(404);
    const classifier = await worker.fetch('/v1/jobs', { headers: await key('classify') });
    expect(classifier.status).toBe(403);
  });

  it.each(['/v1/jobs/x', '/v1/jobs/00000000000000000000000000', '/v1/jobs/..%2Fmodels/results'])(
    'is not found at %s',
    async (path) => {
      expect((await worker.fetch(path)).status).toBe(404);
    },
  );

  it('is listed, newest first, page by page', async () => {
    const made = [await post(ndjson(images(1))), await post(ndjson(images(1)))];
    const list = async (query: string) =>
      (await (await worker.fetch(`/v1/jobs${query}`)).json()) as JobList;
    const { jobs, next } = await list('?limit=1');
    expect(jobs.map(({ id }) => id)).toEqual([made[1]!.status.id]);
    const { jobs: older } = await list(`?limit=1&after=${next}`);
    expect(older.map(({ id }) => id)).toEqual([made[0]!.status.id]);
  });
});

describe('a webhook', () => {
  const eventsAt = (path: string) => taken.filter((one) => one.path === path);

  it('announces the end of the job, signed, and is retried until it is accepted', async () => {
    const { status } = await post(ndjson(images(2)), webhook('/second'));
    expect(status.webhook).toEqual({ url: `${hook}/second`, state: 'waiting' });
    const told = await jobWhen(worker.fetch, status.id, (job) => job.webhook?.state !== 'waiting');
    expect(told.webhook).toMatchObject({ state: 'delivered', attempts: 2 });
    const [first, second] = eventsAt('/second');
    expect([first!.status, second!.status]).toEqual([500, 204]);
    expect(first!.headers['webhook-id']).toBe(second!.headers['webhook-id']);

    const { headers, body } = second!;
    const event = JSON.parse(body) as JobEvent;
    expect(event).toMatchObject({
      type: 'job.completed',
      data: { id: status.id, images: { succeeded: 2 } },
    });
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  it('is given up after eight attempts, with the reason in the job', async () => {
    const { status } = await post(ndjson(images(1)), webhook('/never'));
    const told = await jobWhen(worker.fetch, status.id, (job) => job.webhook?.state !== 'waiting');
    expect(told.state).toBe('completed');
    expect(told.webhook).toMatchObject({ state: 'failed', attempts: 8 });
    expect(told.webhook!.reason).toContain('status 500');
    expect(eventsAt('/never')).toHaveLength(8);
  });
});

describe('a chunk that keeps failing', () => {
  it('goes to the dead-letter queue with the reason, and is retried by hebb jobs replay', async () => {
    const tier = await tierForTest({ models: [model.dir], secrets: [HOP_SECRET] });
    const between = await misbehavingTier(tier.url, () => 'dead');
    onTestFinished(() => between.close());
    const worker = await workerForTest({
      model: model.dir,
      vars: {
        HEBB_GPU_URL: between.url,
        HEBB_HOP_SECRET: HOP_SECRET,
        HEBB_JOB_RETRY_SECONDS: '0',
      },
      // No back-off.
      limits: { gpu: { breaker: { failures: 1e9, openMs: 0, openAtMostMs: 0 } } },
    });
    const cli = { commands: [jobsCommand], env: { HEBB_STATE: '/nowhere' } };
    const run = (...args: string[]) => hebb(['jobs', ...args, '--edge', worker.url.origin], cli);
    const { status } = await postJob(worker.fetch, ndjson(images(18)), '?tier=gpu');
    const { id } = status;
    const failed = await jobWhen(worker.fetch, id, ended);
    expect(failed.state).toBe('failed');
    expect(failed.images).toEqual({ total: 18, done: 18, succeeded: 0, failed: 0, dead: 18 });
    expect(failed.dead_letters).toHaveLength(2);
    expect(failed.dead_letters![0]).toMatchObject({
      chunk: 0,
      images: Array.from({ length: 16 }, (_, n) => n),
      attempts: 5,
      error: { code: 'gpu_unavailable' },
    });
    const { lines } = await results(worker.fetch, id);
    expect(lines.map(({ index, name, dead }) => [index, name, dead])).toEqual(
      images(18).map(({ name }, index) => [index, name, true]),
    );
    const shown = await run('show', id);
    expect(shown.stdout).toContain('dead     chunk 0, 16 images after 5 attempts: gpu_unavailable');
    expect(await run('follow', id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error job_failed: 18 images'),
    });

    between.heal();
    const again = await run('replay', id);
    expect(again.stdout).toMatch(/^18 images are tried again: hebb jobs follow /);
    const completed = ({ state }: JobStatus) => state === 'completed';
    const done = await jobWhen(worker.fetch, id, completed);
    expect(done.images).toMatchObject({ succeeded: 18, dead: 0 });
    expect(done.tiers).toEqual({ edge: 0, gpu: 18 });
    expect(done.dead_letters).toBeUndefined();
    const after = await results(worker.fetch, id);
    expect(after.lines.map(({ index, name, tier }) => [index, name, tier])).toEqual(
      images(18).map(({ name }, index) => [index, name, 'gpu']),
    );
    expect((await run('replay', id)).stderr).toContain('it has no dead letters');
  });
});

describe('hebb jobs', () => {
  const cli = { commands: [jobsCommand], env: { HEBB_STATE: '/nowhere' } };
  const run = (...args: string[]) => hebb(['jobs', ...args, '--edge', worker.url.origin], cli);

  it('lists, follows to the end with results, and cancels', async () => {
    const { status } = await post(ndjson(images(12)));
    const followed = await run('follow', status.id, '--results');
    expect(followed.code).toBe(0);
    expect(followed.stdout.trim().split('\n')).toHaveLength(12);
    expect(followed.stderr).toContain('12 of 12 done: 12 classified, 0 failed, 0 dead');
    const listed = await run('list', '--limit', '1');
    expect(listed.stdout.split('\n')[1]).toMatch(
      new RegExp(`^${status.id}.* completed +12 +12 +0`),
    );
    expect((await run('cancel', status.id)).stdout).toBe(`${status.id} is gone.\n`);
    const gone = await run('show', status.id);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('error job_not_found');
  });
});

describe('the sweep', () => {
  it('resumes the jobs of a server that was killed', async () => {
    const { status } = await post(ndjson(images(3)));
    await jobWhen(worker.fetch, status.id, ended);
    while ((await keysOf(status.id)).some((key) => key.startsWith('open/')));
    // As if it had been killed before the last chunk, whose message was in memory.
    const bucket = await worker.miniflare.getR2Bucket('JOBS');
    const folder = `jobs/${status.id}`;
    await bucket.delete([`${folder}/end.json`, `${folder}/results/0000`]);
    for (const index of [0, 1, 2]) await bucket.put(`${folder}/inputs/00000${index}`, jpeg, BYTES);
    const long = String(Date.now() + 1e9);
    await bucket.put(`open/${status.id}`, '', { customMetadata: { lookAt: long, drivenAt: '1' } });
    await schedule('* * * * *'); // not due yet
    expect((await jobStatus(worker.fetch, status.id)).state).toBe('queued');
    await schedule(RESTARTED);
    const { images: counts } = await jobWhen(worker.fetch, status.id, ended);
    expect(counts).toMatchObject({ total: 3, succeeded: 3 });
  });

  it('deletes the inputs of an aborted upload', async () => {
    const bucket = await worker.miniflare.getR2Bucket('JOBS');
    const id = newJobId(Date.now() - 7_200_000);
    await bucket.put(`open/${id}`, '', { customMetadata: { lookAt: '1', drivenAt: '1' } });
    await bucket.put(`jobs/${id}/inputs/000000`, jpeg);
    await schedule('* * * * *');
    expect(await keysOf(id)).toEqual([]);
  });

  it('gives up a job after a day, and deletes its images', async () => {
    const id = await oldJob(25 * HOUR);
    const bucket = await worker.miniflare.getR2Bucket('JOBS');
    await bucket.put(`jobs/${id}/inputs/000000`, jpeg, BYTES);
    await bucket.put(`open/${id}`, '', { customMetadata: { lookAt: '1', drivenAt: '1' } });
    await schedule('* * * * *');
    const { state, dead_letters } = await jobStatus(worker.fetch, id);
    expect([state, dead_letters![0]!.error.code]).toEqual(['failed', 'job_expired']);
    expect((await keysOf(id)).filter((key) => key.includes('inputs'))).toEqual([]);
    const response = await worker.fetch(`/v1/jobs/${id}/replay`, { method: 'POST' });
    expect(response.status).toBe(409);
  });

  it('deletes jobs after a week', async () => {
    const [old, young] = [await oldJob(169 * HOUR), await oldJob(167 * HOUR)];
    await schedule('* * * * *');
    expect(await keysOf(old)).toEqual([]);
    expect(await keysOf(young)).toEqual([`jobs/${young}/job.json`]);
  });
});

const NDJSON = { 'content-type': 'application/x-ndjson' };
const HOUR = 3_600_000;
const BYTES = { httpMetadata: { contentType: 'application/octet-stream' } };

/** A job of one image, created at a time in the past. */
async function oldJob(ageMs: number): Promise<string> {
  const id = newJobId(Date.now() - ageMs);
  const options = { top: 1, engine: 'int8', tier: 'auto' };
  const job = { id, owner: 'local', requestId: 'r', images: 1, chunkSize: 8, options };
  const bucket = await worker.miniflare.getR2Bucket('JOBS');
  await bucket.put(`jobs/${id}/job.json`, JSON.stringify(job));
  return id;
}
