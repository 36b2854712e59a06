/**
 * Unmodified clients of the protocol against the tier that `npm start` brings up, which has a secret.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { usePythonClient } from '@hebb/test/protocol/python-client';
import { freePort } from '@hebb/test/support/free-port';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { referenceFor } from '@hebb/test/support/served-package';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describeWithPip } from '@hebb/test/support/wheel';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

describeWithPip('the tier of npm start', () => {
  let model: TestPackage;
  beforeAll(async () => {
    model = await testPackage({ name: 'birds', inputSize: 64 });
  });
  afterAll(() => model?.remove());

  /** `npm start` in a user's folder, once its tier is warm. */
  async function start(env: NodeJS.ProcessEnv = {}) {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'models'));
    await symlink(model.dir, join(folder, 'models', 'birds'));
    const jpeg = join(folder, 'photo.jpg');
    await writeFile(jpeg, await encoder(picture(300, 200)).jpeg().toBuffer());
    const [port, gpuPort] = [await freePort(), await freePort()];
    const environment = { ...process.env, HEBB_STATE: join(folder, 'state'), ...env };
    const words = ['--port', `${port}`, '--gpu-port', `${gpuPort}`];
    const bootstrap = join(ROOT, 'scripts', 'bootstrap.js');
    const child = spawn('node', [bootstrap, 'scripts/start.ts', ...words], {
      cwd: folder,
      env: environment,
    });
    const exit = once(child, 'exit');
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await exit;
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    while (!output.includes(`gpu    http://localhost:${gpuPort}/v2: `)) {
      if (child.exitCode !== null) throw new Error(`It ended:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { address: `localhost:${gpuPort}`, jpeg, folder, environment };
  }

  /** The first and the last row of probabilities that both clients ask for. */
  async function expected() {
    const pixels = Uint8Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => i % 251);
    const { probabilities } = await referenceFor(model.dir, pixels);
    return [0, 5].map((at) =>
      Array.from(probabilities.subarray(at, at + 5), (p) => expect.closeTo(p, 4) as number),
    );
  }

  const OUTPUTS = ['probabilities', 'logits', 'embedding'];

  it('answers tritonclient and KServe’s client on this machine', { timeout: 600_000 }, async () => {
    const { address, jpeg } = await start();
    const probabilities = await expected();
    const { version } = model.manifest;
    const triton = await usePythonClient('tritonclient', [address, 'birds', version, jpeg]);
    expect(triton).toMatchObject({
      ready: true,
      binary: probabilities,
      json: probabilities,
      photo: expect.stringMatching(/^0\.\d{6}:[0-4]:class [0-4]$/),
      unloaded: false, // and loaded again
    });
    const kserve = await usePythonClient('kserve', [`http://${address}`, 'birds', jpeg]);
    expect(kserve).toEqual({
      live: true,
      ready: true,
      modelReady: true,
      id: '7',
      binary: probabilities,
      json: probabilities,
      names: OUTPUTS,
      some: ['probabilities'],
      photo: 5,
      refusal: 404,
    });
    console.log(`KServe's client: ${JSON.stringify(kserve)}`);
  });

  it('asks for keys where HEBB_ACCESS says so, those of the edge', {
    timeout: 600_000,
  }, async () => {
    const { address, jpeg, folder, environment } = await start({ HEBB_ACCESS: 'keys' });
    const args = [`http://${address}`, 'birds', jpeg];
    await expect(usePythonClient('kserve', args)).rejects.toThrow(/401/);
    const command = ['bin/hebb.js', 'keys', 'create', '--name', 'x', '--scope', 'batch'];
    const [script, ...words] = command;
    const options = { cwd: folder, env: environment };
    const made = spawn('node', [join(ROOT, script!), ...words], options);
    let key = '';
    made.stdout.setEncoding('utf8').on('data', (text: string) => {
      key += text;
    });
    expect((await once(made, 'close'))[0]).toBe(0);
    expect(await usePythonClient('kserve', [...args, key.trim()])).toMatchObject({
      binary: await expected(),
    });
  });
});
