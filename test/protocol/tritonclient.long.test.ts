import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../scripts/worker/bundle.ts';
import { encoder, picture } from '../decode/pictures.ts';
import { type TestPackage, testPackage } from '../support/package-folder.ts';
import { referenceFor } from '../support/served-package.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startTier, type TestTier } from '../support/tier.ts';
import { describeWithPip, PYTHON } from '../support/wheel.ts';

const run = promisify(execFile);

/** The newest at the time of writing; numpy is what it answers in. */
const CLIENT = 'tritonclient[http]==2.73.0';
const ENVIRONMENT = join(ROOT, '.cache', 'tritonclient');

/** A Python with the client, made once per clone. */
async function pythonWithClient(): Promise<string> {
  const python = join(ENVIRONMENT, 'bin', 'python');
  const marker = join(ENVIRONMENT, 'ready');
  if (existsSync(marker)) return python;
  await run(PYTHON, ['-m', 'venv', '--clear', ENVIRONMENT]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', CLIENT]);
  await writeFile(marker, CLIENT);
  return python;
}

describeWithPip('tritonclient.http', () => {
  let model: TestPackage;
  let tier: TestTier;
  beforeAll(async () => {
    model = await testPackage({ name: 'birds', inputSize: 64 });
    tier = await startTier({ models: [model.dir] });
  });
  afterAll(async () => {
    await tier?.stop();
    await model?.remove();
  });

  it('gets from the tier what it gets from Triton', { timeout: 300_000 }, async () => {
    const python = await pythonWithClient();
    const jpeg = join(await temporaryFolder(), 'photo.jpg');
    await writeFile(jpeg, await encoder(picture(300, 200)).jpeg().toBuffer());
    const { version } = model.manifest;
    const script = join(import.meta.dirname, 'use_tritonclient.py');
    const args = [script, tier.url.replace('http://', ''), 'birds', version, jpeg];
    const { stdout } = await run(python, args, { maxBuffer: 2 ** 26 });
    const got = JSON.parse(stdout) as Record<string, unknown>;

    const pixels = Uint8Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => i % 251);
    const reference = await referenceFor(model.dir, pixels);
    const rows = (values: Float32Array) =>
      [0, 5].map((at) =>
        Array.from(values.subarray(at, at + 5), (value) => expect.closeTo(value, 4) as number),
      );
    const probabilities = rows(reference.probabilities);
    expect(got).toMatchObject({
      live: true,
      ready: true,
      modelReady: true,
      server: { name: 'hebb', extensions: expect.arrayContaining(['classification']) },
      model: { name: 'birds', versions: [version] },
      binary: probabilities,
      embedding: [2, 1024],
      id: '7',
      json: probabilities,
      names: ['probabilities', 'logits', 'embedding'],
      packed: probabilities,
      photo: expect.stringMatching(/^0\.\d{6}:[0-4]:class [0-4]$/),
      refusal: ['404', expect.stringContaining('There is no model nothing here.')],
      unloaded: false,
      index: [{ name: 'birds', version, state: 'UNAVAILABLE', reason: 'unloaded' }],
    });
    expect(got.many).toEqual(Array.from({ length: 8 }, () => rows(reference.logits)));
    const classes = got.classes as string[][];
    for (const [i, [best]] of classes.entries()) {
      const row = Array.from(reference.probabilities.subarray(i * 5, i * 5 + 5));
      const index = row.indexOf(Math.max(...row));
      expect(best!.split(':').slice(1)).toEqual([String(index), `class ${index}`]);
    }
    expect(classes.map(({ length }) => length)).toEqual([2, 2]);
  });
});
