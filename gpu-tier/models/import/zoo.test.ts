import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { googlenet } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import { hebb } from '@hebb/test/support/cli';
import { describeWithData, SYNSET_WORDS } from '@hebb/test/support/data';
import { fileHandler, startServer, unreachableUrl } from '@hebb/test/support/http-server';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { randomWeights } from '@hebb/test/support/random-weights';
import { temporaryFolder } from '@hebb/test/support/temporary';
import type { Cli } from 'hebb/cli';
import { importCommand } from 'hebb/import';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeModel } from '../onnx/model.ts';
import { ZOO_GOOGLENET, type ZooModel } from './zoo.ts';

const IDS = ['n00000001', 'n00000002', 'n00000003', 'n00000004'];
const LABELS = IDS.map((id, i) => `${id} thing ${i}, object ${i}\n`).join('');

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

let onnx: Uint8Array;
beforeAll(() => {
  const network = googlenet({ variant: 'lrn', classes: IDS.length, inputSize: 224 });
  onnx = encodeModel(
    onnxModel(network, randomWeights(network, 2), { pool: 'pads', softmax: true }),
  );
});

/** A zoo for this test: two mirrors that answer over HTTP. */
async function zoo(labels = LABELS) {
  const dead = await startServer((_, response) => response.writeHead(410).end());
  const live = await startServer((request, response) => {
    const content = request.url === '/synset.txt' ? Buffer.from(labels) : onnx;
    fileHandler(content)(request, response);
  });
  const model: ZooModel = {
    ...ZOO_GOOGLENET,
    mirrors: [`${dead.url}/googlenet-12.onnx`, `${live.url}/googlenet-12.onnx`],
    sha256: sha256(onnx),
    bytes: onnx.length,
    labelMirrors: [`${dead.url}/synset.txt`, `${live.url}/synset.txt`],
    labelIdsSha256: sha256(IDS.map((id) => `${id}\n`).join('')),
  };
  const cwd = await temporaryFolder();
  const run = (...args: string[]) =>
    hebb(['import', '--from', 'zoo', ...args], {
      commands: [(cli: Cli) => importCommand(cli, model)],
      cwd,
      env: { HEBB_CACHE: join(cwd, 'cache') },
    });
  return { cwd, live, run };
}

describe('hebb import --from zoo', () => {
  it('downloads model and labels and writes models/imagenet', async () => {
    const { cwd, live, run } = await zoo();
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/100%/) });
    expect(stdout).toContain('Wrote models/imagenet\n');
    const { manifest } = await readPackage(join(cwd, 'models', 'imagenet'));
    expect(manifest.network).toEqual({ variant: 'lrn', classes: 4, inputSize: 224 });
    expect(manifest.labels[2]).toEqual({ id: 'n00000003', name: 'thing 2, object 2' });
    expect(manifest.lineage).toMatchObject({
      source: 'ONNX Model Zoo',
      file: 'googlenet-12.onnx',
      sha256: sha256(onnx),
      license: 'bsd-3-clause',
    });
    await run('--name', 'again');
    const models = live.requests.filter((request) => request.startsWith('/googlenet'));
    expect(models).toHaveLength(1); // the second time from the cache
  });

  it('takes labels from a file', async () => {
    const { cwd, live, run } = await zoo();
    await writeFile(join(cwd, 'names.txt'), 'a\nb\nc\nd\n');
    expect((await run('--labels', 'names.txt')).code).toBe(0);
    const { manifest } = await readPackage(join(cwd, 'models', 'imagenet'));
    expect(manifest.labels.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(live.requests).not.toContain('/synset.txt');
  });

  it('refuses labels in another order', async () => {
    const { run } = await zoo(LABELS.split('\n').reverse().join('\n').trim());
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain('error download_failed: No mirror delivered the names');
    expect(stderr).toContain('--labels FILE');
  });

  it('reports a missing network', async () => {
    const cwd = await temporaryFolder();
    const nowhere = await unreachableUrl();
    const { code, stderr } = await hebb(['import', '--from', 'zoo'], {
      cwd,
      env: { HEBB_CACHE: cwd },
      // What fetch gives on a machine without a network.
      fetch: () => fetch(nowhere),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('There is no network to download googlenet-12.onnx from:');
    expect(stderr).toContain('media.githubusercontent.com: no connection (ECONNREFUSED)');
    expect(stderr).toContain('huggingface.co: no connection');
  });
});

describeWithData('the zoo’s labels', () => {
  it('are pinned by the ids of ImageNet’s thousand classes', async () => {
    const words = await readFile(SYNSET_WORDS, 'utf8');
    const ids = words.replace(/ .*$/gm, '');
    expect(sha256(ids)).toBe(ZOO_GOOGLENET.labelIdsSha256);
  });
});
