/**
 * The client for Python (clients/python): its types by mypy, and its own tests by pytest against the
 * real Worker, as installed into an environment of its own.
 * @module
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { keyDigest, newKey, newKeyId } from '@hebb/protocol/access/api-key';
import { recordName } from '@hebb/protocol/access/key-record';
import { type HttpsServer, startHttpsServer } from '@hebb/test/support/https-server';
import { type MisbehavingTier, misbehavingTier } from '@hebb/test/support/misbehaving-tier';
import { PYTHON } from '@hebb/test/support/wheel';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLIENT = join(ROOT, 'clients', 'python');
const SAMPLES = join(ROOT, 'test', 'samples');
const IMAGE_HOST = 'images.example.com';

/** What the client and its tests need, the newest at the time of writing. */
const PACKAGES = ['httpx==0.28.1', 'hatchling==1.28.0', 'mypy==2.4.1', 'pytest==9.2.0'];

const environment = join(ROOT, '.cache', 'python-client');
const python = join(environment, 'bin', 'python');

interface Ran {
  readonly code: number | string;
  /** Both streams, as the message of a failure. */
  readonly output: string;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Another Python than that of the environment. */
  readonly by?: string;
}

async function runPython(args: readonly string[], { env, by }: RunOptions = {}): Promise<Ran> {
  const options = {
    cwd: CLIENT,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
    maxBuffer: 2 ** 26,
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(by ?? python, args, options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: `${stdout}${stderr}` };
  }
}

const pip = (...args: string[]) =>
  runPython(['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args]);

/** Makes the environment, once per clone. Resolves to why that cannot be done here, or to ''. */
async function makeEnvironment(): Promise<string> {
  if (!PYTHON) return 'there is no python3 with pip and venv';
  const age = await runPython(['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], {
    by: PYTHON,
  });
  if (age.code !== 0) return 'python3 is older than 3.10';
  const marker = join(environment, 'packages');
  const wanted = [PYTHON, ...PACKAGES].join(' ');
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return '';
  const made = await runPython(['-m', 'venv', '--clear', environment], { by: PYTHON });
  if (made.code !== 0) return `python3 -m venv says: ${lastLine(made)}`;
  const installed = await pip('install', ...PACKAGES);
  if (installed.code !== 0) {
    return `pip cannot install ${PACKAGES.join(' ')}: ${lastLine(installed)}`;
  }
  await writeFile(marker, wanted);
  return '';
}

const lastLine = ({ output }: Ran): string => output.trim().split('\n').at(-1) ?? '';

const lacking = await makeEnvironment();
if (lacking !== '') console.warn(`SKIPPED, the client for Python, since ${lacking}`);

describe.skipIf(lacking !== '')('the client for Python', () => {
  let images: HttpsServer;
  /** Stands in for a GPU tier: it closes every connection. */
  let away: MisbehavingTier;
  let worker: TestWorker;
  let key: string;

  beforeAll(async () => {
    // As users install it, so that what is missing in the wheel is missing here.
    const installed = await pip(
      ...['install', '--no-deps', '--no-build-isolation', '--force-reinstall', CLIENT],
    );
    expect(installed.code, installed.output).toBe(0);
    const sunflower = await readFile(join(SAMPLES, 'sunflower.jpg'));
    images = await startHttpsServer([IMAGE_HOST], (_, response) => response.end(sunflower));
    away = await misbehavingTier('http://127.0.0.1', () => 'dead');
    const tlsOptions = { trustedCertificates: [images.certificate.cert] };
    worker = await startWorker({
      model: BUILT_IN_MODEL,
      vars: {
        HEBB_CACHE_SECONDS: '86400',
        HEBB_URL_ALLOW: IMAGE_HOST,
        HEBB_GPU_URL: away.url,
        HEBB_HOP_SECRET: 'of the hop in this test',
        HEBB_JOB_RETRY_SECONDS: '0',
      },
      // The tier is asked again at once.
      limits: { gpu: { breaker: { failures: 1e9, openMs: 0, openAtMostMs: 0 } } },
      web: {
        external: { address: images.address, https: { tlsOptions, certificateHost: IMAGE_HOST } },
      },
    });
    key = await classifyKey(worker);
  });
  afterAll(async () => {
    await worker?.close();
    await away?.close();
    await images?.close();
  });

  it('has the version of the project', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    const print = `
import hebb_client
from importlib.metadata import version
print(version("hebb-client"), hebb_client.__version__)`;
    const { output } = await runPython(['-c', print]);
    expect(output).toBe(`${version} ${version}\n`);
  });

  it('passes mypy --strict', async () => {
    const { code, output } = await mypy('--strict', '--no-error-summary');
    expect(code, output).toBe(0);
  });

  it('gives its users types, as installed', async () => {
    const { output } = await mypy('--config-file=', '-c', TYPED);
    expect(output.match(/Revealed type is "(.*)"/g)).toEqual([
      'Revealed type is "hebb_client.answers.Classification"',
      expect.stringMatching(/Generator\[.*ClassifiedLine \| .*FailedLine, None, None\]/),
      expect.stringMatching(/Coroutine\[Any, Any, hebb_client\.answers\.JobStatus\]/),
    ]);
    expect(output).toContain('Unexpected keyword argument "tops"');
  });

  it.each(readdirSync(join(CLIENT, 'tests')).filter((file) => file.startsWith('test_')))(
    'passes %s',
    async (file) => {
      const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', join('tests', file)];
      const env = {
        HEBB_URL: worker.url.href,
        HEBB_SAMPLES: SAMPLES,
        HEBB_CLASSIFY_KEY: key,
        HEBB_IMAGE_URL: `https://${IMAGE_HOST}/sunflower.jpg`,
      };
      const { code, output } = await runPython(args, { env });
      expect(code, output).toBe(0);
      expect(output).toMatch(/^\d+ passed in /m);
    },
  );
});

it('the client for Python has the license of the project', () => {
  const license = (folder: string) => readFileSync(join(folder, 'LICENSE'), 'utf8');
  expect(license(CLIENT)).toBe(license(ROOT));
});

const mypy = (...args: string[]) =>
  runPython(['-m', 'mypy', `--cache-dir=${join(environment, 'mypy')}`, ...args]);

const TYPED = `
from hebb_client import AsyncClient, Client
reveal_type(Client("http://localhost").classify(b"", top=3))
reveal_type(Client("http://localhost").batch(["a.jpg"]))
reveal_type(AsyncClient("http://localhost").jobs.show("id"))
Client("http://localhost").classify(b"", tops=3)
`;

/** A fresh API key that may classify, and nothing else. */
async function classifyKey({ miniflare }: TestWorker): Promise<string> {
  const id = newKeyId();
  const key = newKey(id);
  const record = {
    id,
    name: 'python',
    scopes: ['classify'],
    createdAt: new Date().toISOString(),
    secrets: [{ sha256: await keyDigest(key) }],
  };
  const store = await miniflare.getKVNamespace('KEYS');
  await store.put(recordName(id), JSON.stringify(record));
  return key;
}
