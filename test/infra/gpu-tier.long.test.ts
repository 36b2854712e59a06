/**
 * Tests of infra/gpu-tier that need neither root, Docker nor a cluster.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { cacheFolder } from 'hebb/cache';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startCommand } from './command.ts';

const read = (name: string) => readFile(join(ROOT, 'infra', 'gpu-tier', name), 'utf8');
const unit = await read('hebb-gpu-tier.service');
const dockerfile = (await read('Dockerfile')).replace(/ *\\\n/g, ' ');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));

/** The arguments of the instruction: JSON for the `CMD` of HEALTHCHECK and for ENTRYPOINT. */
const instruction = (name: string): string =>
  instructions.findLast((line) => line.startsWith(`${name} `))!.slice(name.length + 1);

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) console.warn('SKIPPED without systemd-analyze: the unit');

describe.skipIf(!hasSystemd)('the systemd unit', () => {
  it('is accepted by systemd', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'hebb-gpu-tier.service');
    await writeFile(file, unit.replaceAll('/opt/hebb', ROOT.replace(/\/$/, '')));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the unit’s command', () => {
  it('serves, is ready, and ends on SIGTERM', async () => {
    const [, line] = /^ExecStart=(.+)$/m.exec(unit)!;
    const words = line!.replaceAll('/opt/hebb', ROOT.replace(/\/$/, '')).split(' ');
    await servesAndEnds(words, ROOT);
  });
});

describe('the Dockerfile and the Kubernetes manifest', () => {
  it('contain all that the image needs, and use valid options of the tier', async () => {
    const image = await temporaryFolder();
    const build = instructions.slice(
      0,
      instructions.findLastIndex((l) => l.startsWith('FROM ')),
    );
    for (const line of build.filter((line) => line.startsWith('COPY '))) {
      const words = line.split(/ +/).slice(1);
      const to = words.at(-1)!;
      for (const from of words.slice(0, -1)) {
        const intoFolder = words.length > 2 && !from.endsWith('/');
        const target = join(image, to, intoFolder || to === './' ? from.split('/').at(-1)! : '');
        await mkdir(dirname(target), { recursive: true });
        await cp(join(ROOT, from), target, { recursive: true });
      }
    }
    await symlink(join(ROOT, 'node_modules'), join(image, 'node_modules')); // instead of npm ci
    for (const command of ['node bin/hebb.js --version', 'node bin/hebb.js native status']) {
      const [node, ...args] = command.split(' ');
      const { status, stderr } = spawnSync(node!, args, { cwd: image, encoding: 'utf8' });
      expect([status, stderr], command).toEqual([0, '']);
    }
    // Starts it with the arguments of the Kubernetes manifest, and requests the paths of its probes.
    const entry = JSON.parse(instruction('ENTRYPOINT')) as string[];
    const { args, probes } = await container();
    const [, healthCheck] = /CMD (\[.+\])/.exec(instruction('HEALTHCHECK'))!;
    await servesAndEnds([...entry, ...args], image, probes, async (port) => {
      const words = JSON.parse(healthCheck!.replace('8788', String(port))) as string[];
      expect((await once(spawn(words[0]!, words.slice(1)), 'exit'))[0]).toBe(0);
    });
  });
});

/** The manifest's command and the paths of its probes. */
async function container() {
  const documents = parseAllDocuments(await read('kubernetes.yaml'));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const [deployment] = documents.map((document) => document.toJS() as Deployment);
  const { args, startupProbe, readinessProbe, livenessProbe } =
    deployment!.spec.template.spec.containers[0]!;
  const probes = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.path);
  return { args, probes };
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly startupProbe: Probe;
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
        }[];
      };
    };
  };
}

/** Starts a command line of the tier, requests its health, and ends it. */
async function servesAndEnds(
  words: readonly string[],
  cwd: string,
  probes: readonly string[] = ['/v2/health/ready'],
  check?: (port: number) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const env = {
    ...process.env,
    HEBB_PORT: String(port),
    HEBB_GPU_PORT: String(port),
    HEBB_HOP_SECRET: 'a-secret-of-this-test',
    HEBB_CACHE: cacheFolder({ env: process.env }),
  };
  // Small batches warm up faster.
  const tier = startCommand([...words, '--max-batch-size', '1'], { cwd, env });
  await tier.printed('"event":"ready"');
  for (const path of probes) {
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, path).toBe(200);
  }
  await check?.(port);
  expect(await tier.end('SIGTERM')).toBe(0);
}
