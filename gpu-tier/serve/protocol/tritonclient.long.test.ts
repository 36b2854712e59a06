import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { usePythonClient } from '@hebb/test/protocol/python-client';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { referenceFor } from '@hebb/test/support/served-package';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { describeWithPip } from '@hebb/test/support/wheel';
import { afterAll, beforeAll, expect, it } from 'vitest';

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
    const jpeg = join(await temporaryFolder(), 'photo.jpg');
    await writeFile(jpeg, await encoder(picture(300, 200)).jpeg().toBuffer());
    const { version } = model.manifest;
    const args = [tier.url.replace('http://', ''), 'birds', version, jpeg];
    const got = await usePythonClient('tritonclient', args);

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
