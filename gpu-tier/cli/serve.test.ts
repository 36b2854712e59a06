import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { noise } from '@hebb/test/graph/compare';
import { hebb } from '@hebb/test/support/cli';
import { metric } from '@hebb/test/support/metrics';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { BACKEND } from '@hebb/test/support/tier';
import { spawnTier, type TierProcessOptions } from '@hebb/test/support/tier-process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { serveCommand } from './serve.ts';

const SIDE = 64;
const SMALL = ['--max-batch-size', '4', '--decode-threads', '1'];

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
});
afterAll(() => model?.remove());

function start(args: readonly string[], options?: TierProcessOptions) {
  const tier = spawnTier(['--model', model.dir, '--port', '0', ...SMALL, ...args], options);
  onTestFinished(async () => {
    tier.kill('SIGKILL');
    await tier.exit;
  });
  return tier;
}

describe('hebb serve', () => {
  it('listens at once, is ready when the model is warm, and logs its settings', async () => {
    const tier = start([]);
    const { url, backend, reason } = await tier.event('listening');
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(503);
    await tier.ready();
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${url}/v2`)).json()).toMatchObject({
      backend: { kind: backend, reason },
    });
    if (BACKEND.addon)
      expect([backend, reason]).toEqual([
        'native-cpu',
        expect.stringMatching(/^TensorFlow 2\.21\.0 runs on/),
      ]);
    expect(await tier.event('model_loaded')).toMatchObject({
      model: 'birds',
      version: model.manifest.version,
      pids: [expect.any(Number)],
    });
  });

  it('serves the built-in model when there is no other', async () => {
    const cwd = await temporaryFolder();
    const tier = spawnTier(['--port', '0', ...SMALL], { cwd });
    onTestFinished(async () => {
      tier.kill('SIGKILL');
      await tier.exit;
    });
    expect(await tier.event('model_loaded')).toMatchObject({ model: 'flowers' });
  });

  it('shuts down gracefully: answers accepted requests and refuses new ones', async () => {
    const tier = start(['--max-queue-delay', '60000']);
    const url = await tier.ready();
    const infer = new URL('/v2/models/birds/infer', url);
    // Four batches of 4, and a rest that waits in vain to fill a batch.
    const answers = Array.from({ length: 18 }, async () => {
      const outputs = [{ name: 'probabilities' }];
      const response = await fetch(infer, pixelRequest(noise(1, SIDE), SIDE, { outputs }));
      await response.arrayBuffer();
      return [response.status, response.headers.get('Connection')];
    });
    // Sixteen are answered and two are queued; a pending connection does not count as accepted.
    const settled = async () => {
      const text = await (await fetch(new URL('/metrics', url))).text();
      const count = (name: string) => (text.includes(`\n${name}{`) ? metric(text, name) : 0);
      return count('hebb_requests_total') === 16 && count('hebb_queue_depth') === 2;
    };
    while (!(await settled())) await new Promise((resolve) => setTimeout(resolve, 20));
    tier.kill('SIGTERM');
    for (const answer of await Promise.all(answers)) expect(answer[0]).toBe(200);
    expect(
      (await Promise.all(answers)).filter(([, connection]) => connection === 'close').length,
    ).toBeGreaterThanOrEqual(2);
    expect(await tier.exit).toBe(0);
    await expect(fetch(infer)).rejects.toThrow();
    expect(tier.logged.slice(-1)).toMatchObject([{ event: 'stopped' }]);
    expect(await tier.event('stopping')).toMatchObject({ reason: 'SIGTERM' });
  });

  it('ends its model host when it is killed', async () => {
    const tier = start([]);
    await tier.ready();
    const [host] = (await tier.event('model_loaded')).pids as number[];
    tier.kill('SIGKILL');
    await tier.exit;
    const lives = () => {
      try {
        return process.kill(host!, 0);
      } catch {
        return false;
      }
    };
    while (lives()) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('runs on WASM without the native library, and logs the reason and the fix', async () => {
    // Without Python and with an empty cache, the library cannot be installed.
    const empty = await temporaryFolder();
    const env = {
      ...process.env,
      HEBB_CACHE: empty,
      PATH: empty,
      HEBB_PYTHON: join(empty, 'python'),
    };
    const tier = start(['--backend', 'auto'], { env });
    const url = await tier.ready();
    expect(await tier.event('listening')).toMatchObject({
      backend: 'wasm',
      reason: expect.stringMatching(
        /^no native TensorFlow: .*python was not found\. .*python3-pip/,
      ),
    });
    const request = pixelRequest(noise(2, SIDE), SIDE, { outputs: [{ name: 'logits' }] });
    const response = await fetch(new URL('/v2/models/birds/infer', url), request);
    expect(response.status).toBe(200);
    const forced = start(['--backend', 'native'], { env });
    expect(await forced.exit).toBe(1);
    expect(forced.stderr()).toMatch(/error native_unavailable: .*python was not found/);
  });

  it('reports a taken port and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const tier = start(['--port', String(port), '--backend', 'wasm']);
    expect(await tier.exit).toBe(1);
    expect(tier.stderr()).toContain(`error port_taken: Nothing can listen on 127.0.0.1:${port}`);
  });

  it('reports a package without full-precision weights and ends', async () => {
    const { writePackage } = await import('@hebb/packages/folder');
    const { name, network, preprocessing, labels, lineage } = model.manifest;
    const { readFile } = await import('node:fs/promises');
    const int8 = await readFile(join(model.dir, 'weights.int8.safetensors'));
    const dir = await temporaryFolder();
    await writePackage(dir, {
      manifest: { name, network, preprocessing, labels, lineage },
      weights: { int8 },
    });
    const tier = spawnTier(['--model', dir, '--port', '0', '--backend', 'wasm']);
    expect(await tier.exit).toBe(1);
    expect(tier.stderr()).toContain('error invalid_package: ');
    expect(tier.stderr()).toContain('weights.f32.safetensors');
  });
});

describe('the options of hebb serve', () => {
  const serve = (...args: string[]) =>
    hebb(['serve', ...args], { commands: [(cli) => serveCommand(cli)], cwd: '/nowhere' });

  it('are all in --help, with their defaults', async () => {
    const { code, stdout } = await serve('--help');
    expect(code).toBe(0);
    for (const option of [
      'backend',
      'precision',
      'replicas',
      'max-batch-size',
      'max-queue-delay',
      'max-queue-size',
      'max-memory-growth',
      'drain-timeout',
    ]) {
      expect(stdout).toContain(`--${option} `);
    }
    expect(stdout).toContain('hebb serve --model imagenet');
  });

  it.each([
    [['--max-queue-delay', 'soon'], 'Give a whole number from 0 to 60000, or auto.'],
    [['--precision', 'int8'], 'Allowed choices are f32, bf16.'],
    [['--batch-sizes', '1,x'], 'Give a whole number from 1 to 1024.'],
    [['--batchsize', '1'], "unknown option '--batchsize'"],
  ])('refuse %j', async (args, message) => {
    const { code, stderr } = await serve(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('must name existing packages', async () => {
    expect(await serve('--model', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no model package at nothing.'),
    });
  });
});
