import { openAsBlob } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HebbClient } from '@hebb/client';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import { encoder, picture } from '../decode/pictures.ts';
import { freePort } from '../support/free-port.ts';
import { type TestPackage, testPackage } from '../support/package-folder.ts';
import { Started } from './started.ts';

let model: TestPackage;
/** The user's folder, which contains models/. */
let folder: string;
let process: Started | undefined;

beforeAll(async () => {
  model = await testPackage({ name: 'pictures', classes: 4, inputSize: 64 });
});
afterAll(() => model?.remove());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hebb-start-'));
});
afterEach(async () => {
  await process?.stop('SIGTERM'); // which it forwards to its children
  process = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Copies the model into the user's folder. */
async function placeModel(): Promise<void> {
  await mkdir(join(folder, 'models'));
  await symlink(model.dir, join(folder, 'models', 'pictures'));
}

const started = (args: readonly string[], env: Record<string, string> = {}) =>
  new Started(args, { folder, env });

describe('npm start', () => {
  it('serves the built-in model if there is no other, and prints a command that works', async () => {
    const port = await freePort();
    process = started(['--port', String(port), '--edge-only']);
    await process.printed(`/v1/classify`);
    expect(process.output).toContain('flowers');
    const [, file] = /--data-binary @(\S+)/.exec(process.output)!;
    const hebb = new HebbClient({ edge: `http://127.0.0.1:${port}` });
    const { predictions } = await hebb.classify(await openAsBlob(resolve(folder, file!)));
    expect(predictions[0]!.label).toBe('sunflowers');
    expect(await process.stop('SIGINT')).toBe(0);
  });

  it('serves the newest model, classifies, and stops with Ctrl-C', async () => {
    await placeModel();
    const port = await freePort();
    process = started([], { HEBB_PORT: String(port) });
    await process.printed(`curl --data-binary @photo.jpg http://localhost:${port}/v1/classify`);
    expect(process.output).toContain('4 classes, from models/pictures');

    const image = new Uint8Array(await encoder(picture(400, 300)).jpeg().toBuffer());
    const hebb = new HebbClient({ edge: `http://localhost:${port}`, retry: { attempts: 1 } });
    expect(await hebb.classify(image)).toMatchObject({
      model: { name: 'pictures', version: model.manifest.version, precision: 'int8' },
      predictions: [{ label: expect.stringContaining('class') }, {}, {}, {}],
    });
    expect(await process.stop('SIGINT')).toBe(0);
    await expect(hebb.health()).rejects.toMatchObject({ code: 'edge_unreachable' });
  });

  it('starts the GPU tier after the edge, and stops both', async () => {
    await placeModel();
    const port = await freePort();
    const gpuPort = await freePort();
    process = started(['--port', String(port), '--gpu-port', String(gpuPort)]);
    const tier = `http://localhost:${gpuPort}/v2`;
    await process.printed(`gpu    ${tier}: `);
    expect(process.output.indexOf('edge   ')).toBeLessThan(process.output.indexOf('gpu    '));
    expect(await (await fetch(tier)).json()).toMatchObject({
      models: [{ name: 'pictures', version: model.manifest.version }],
    });
    const hebb = new HebbClient({ edge: `http://localhost:${port}` });
    const image = new Uint8Array(await encoder(picture(400, 300)).jpeg().toBuffer());
    expect(await hebb.classify(image, { tier: 'gpu' })).toMatchObject({ tier: 'gpu' });
    expect(process.output).not.toMatch(/^(WARNING: All log|[IWE]\d{4} )|: I tensorflow\//m);
    expect(await process.stop('SIGINT')).toBe(0);
    await expect(fetch(tier)).rejects.toThrow();
  });

  it('serves at the edge before TensorFlow is available, and then with WASM', async () => {
    await placeModel();
    const port = await freePort();
    const env = { HEBB_CACHE: join(folder, 'empty-cache'), HEBB_PYTHON: '/nowhere/python' };
    process = started(['--port', String(port)], env);
    await process.printed('curl --data-binary');
    expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200);
    await process.printed(': no native TensorFlow: /nowhere/python was not found.');
    expect(await process.stop('SIGTERM')).toBe(0);
  });

  it('skips an unreadable package in models/, with the reason', async () => {
    const broken = join(folder, 'models', 'torn');
    await mkdir(broken, { recursive: true });
    await writeFile(join(broken, 'manifest.json'), '{"format":');
    process = started(['--port', '0', '--edge-only']);
    await process.printed('Ctrl-C stops it.');
    expect(process.output).toContain('models/torn is skipped: manifest.json is not JSON.');
    await rm(broken, { recursive: true });
  });

  it('does not start the GPU tier with --edge-only', async () => {
    process = started(['--port', '0', '--edge-only']);
    await process.printed('Ctrl-C stops it.');
    expect(await process.stop('SIGINT')).toBe(0);
    expect(process.output).not.toContain('gpu ');
  });

  it('reports a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    onTestFinished(() => void server.close());
    process = started(['--port', String(port)]);
    expect(await process.exit).toBe(1);
    expect(process.output).toContain(`Port ${port} of 127.0.0.1 is taken`);
  });

  it('reports a GPU tier port that is in use, and how to choose another', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    process = started(['--port', '0', '--gpu-port', String(port)]);
    expect(await process.exit).toBe(1);
    expect(process.output).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect(process.output).toContain(`npm start -- --gpu-port ${port + 1}`);
    server.close();
  });

  it('measures the time from the start of the command', { retry: 3 }, async () => {
    const began = performance.now();
    process = started(['--port', '0', '--edge-only']);
    await process.printed('Ctrl-C stops it.');
    const took = (performance.now() - began) / 1000;
    const told = Number(/ready in ([\d.]+) s/.exec(process.output)![1]);
    // Except the time that the system needs to create a process and to transfer its output.
    expect(told).toBeGreaterThan(took * 0.8);
    expect(told).toBeLessThan(took);
  });

  it.each([
    [['--prot', '1'], '--prot'],
    [['--port', 'x'], '--port is "x"'],
    [['--model', 'nothing'], 'no model package at nothing'],
  ])('refuses %j', async (args, message) => {
    process = started(['--port', '0', ...args]);
    expect(await process.exit).not.toBe(0);
    expect(process.output).toContain(message);
  });
});
