/**
 * `hebb classify` against the real Worker.
 * @module
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { hebb } from '@hebb/test/support/cli';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyCommand } from '../classify.ts';
import type { Cli } from '../cli.ts';

const SAMPLES = join(ROOT, 'test', 'samples');

let worker: TestWorker;
let folder: string;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
  folder = await mkdtemp(join(tmpdir(), 'hebb-classify-'));
  await mkdir(join(folder, 'photos', 'more'), { recursive: true });
  await cp(join(SAMPLES, 'sunflower.jpg'), join(folder, 'photos', 'a, b.jpg'));
  await cp(join(SAMPLES, 'daisy.jpg'), join(folder, 'photos', 'more', 'daisy.jpg'));
  await writeFile(join(folder, 'photos', 'more', 'broken.jpg'), 'no image at all');
});
afterAll(async () => {
  await worker.close();
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[], options: Partial<Cli> = {}) =>
  hebb(['classify', ...args, '--edge', worker.url.origin], {
    commands: [classifyCommand],
    cwd: folder,
    ...options,
  });

describe('hebb classify', () => {
  it('prints the top 5 of one image', async () => {
    const { code, stdout, stderr } = await run(['photos/more/daisy.jpg']);
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n');
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatch(/^photos\/more\/daisy\.jpg {3}77\.0 % {2}daisy$/);
    expect(rows[1]).toMatch(/^ +\d+\.\d % {2}\w+/);
    expect(stderr).toMatch(/^1 by edge int8 · flowers [0-9a-f]{12}\n$/);
  });

  it('reads one from stdin', async () => {
    const image = await readFile(join(SAMPLES, 'daisy.jpg'));
    const { code, stdout } = await run(['-', '--top', '1'], {
      stdin: () => Readable.from([image]),
    });
    expect(code).toBe(0);
    expect(stdout).toBe('-   77.0 %  daisy\n');
  });

  it('classifies a folder, and exits with 1 if an image is broken', async () => {
    const { code, stdout, stderr } = await run(['photos']);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'photos/a, b.jpg          66.0 %  sunflowers',
      'photos/more/broken.jpg    error  unsupported_format: The bytes are of no image format known here.',
      'photos/more/daisy.jpg    77.0 %  daisy',
    ]);
    expect(stderr).toContain('classify 100%  3 of 3 images');
    expect(stderr).toContain('2 by edge int8, 1 failed · flowers ');
    expect(stderr).toContain('error images_failed: 1 of 3 images were not classified.');
  });

  it('prints JSON and CSV for programs', async () => {
    const json = await run(['photos', '--json', '--top', '2']);
    const lines = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ index, name }) => [index, name])).toEqual([
      [0, 'photos/a, b.jpg'],
      [1, 'photos/more/broken.jpg'],
      [2, 'photos/more/daisy.jpg'],
    ]);
    expect(lines[0].predictions).toHaveLength(2);
    expect(lines[1].error.code).toBe('unsupported_format');
    const csv = await run(['photos', '--csv']);
    const [head, first, second] = csv.stdout.split('\r\n');
    expect(head).toBe('image,rank,class,score,tier,model,error');
    expect(first).toMatch(/^"photos\/a, b\.jpg",1,sunflowers,0\.65\d+,edge,[0-9a-f]{64},$/);
    expect(second).toBe('photos/more/broken.jpg,,,,,,unsupported_format');
  });

  it('sends an image that is too large for a batch alone', async () => {
    const large = join(folder, 'large');
    await mkdir(large);
    const jpeg = await readFile(join(SAMPLES, 'daisy.jpg'));
    // Bytes after the end of a JPEG are ignored.
    await writeFile(join(large, 'b.jpg'), Buffer.concat([jpeg, Buffer.alloc(8e6)]));
    for (const name of ['a.jpg', 'c.jpg']) await writeFile(join(large, name), jpeg);
    await writeFile(join(large, 'd.jpg'), Buffer.alloc(20_000_001));
    const { code, stdout } = await run(['large']);
    expect(code).toBe(1);
    expect(stdout.match(/daisy/g)).toHaveLength(3);
    expect(stdout).toContain('large/d.jpg    error  body_too_large: The file has more than 20 MB.');
  });

  it('sends many images in several batches, in order', async () => {
    const images = Array.from({ length: 101 }, () => 'photos/more/daisy.jpg');
    const { code, stdout } = await run([...images, 'photos/a, b.jpg', '--json']);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: 102 }, (_, n) => n));
    expect(lines.at(-1).predictions[0].label).toBe('sunflowers');
  });

  it.each([
    ['a path that is not there', ['nowhere.jpg'], 'file_not_found'],
    ['a folder without images', ['empty'], 'file_not_found'],
    ['nothing on stdin', ['-'], 'missing_image'],
    ['more predictions than classes', ['photos/more/daisy.jpg', '--top', '99'], 'invalid_argument'],
    ['the same of many', ['photos', '--top', '99'], 'invalid_argument'],
  ])('exits with 2 for %s', async (_what, args, error) => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    const { code, stderr } = await run(args);
    expect(stderr).toContain(`error ${error}: `);
    expect(code).toBe(2);
  });

  it('reports an option that is refused before the images were read', async () => {
    const refused = join(folder, 'refused');
    await mkdir(refused);
    const jpeg = await readFile(join(SAMPLES, 'daisy.jpg'));
    for (let n = 0; n < 8; n++) {
      await writeFile(join(refused, `${n}.jpg`), Buffer.concat([jpeg, Buffer.alloc(1e6)]));
    }
    const { code, stderr } = await run(['refused', '--top', '99']);
    expect(stderr).toContain('error invalid_argument: top is "99"; it must be 1 to 5.');
    expect(code).toBe(2);
  });

  it('exits with 2 for an unknown option', async () => {
    expect((await run(['photos', '--tier', 'moon'])).code).toBe(2);
    expect((await run(['photos', '--json', '--csv'])).code).toBe(2);
  });

  it('exits with 3 if the service refuses or does not answer', async () => {
    const refused = await run(['photos', '--tier', 'gpu'], { env: { HEBB_KEY: 'hebb_none' } });
    expect(refused.stderr).toContain('error key_invalid');
    expect(refused.code).toBe(3);
    const away = await hebb(['classify', 'photos', '--edge', 'http://127.0.0.1:9'], {
      commands: [classifyCommand],
      cwd: folder,
    });
    expect(away.stderr).toContain('error edge_unreachable: http://127.0.0.1:9 does not answer.');
    expect(away.stderr).toContain('npm start');
    expect(away.code).toBe(3);
  });

  it('lists its exit codes in its help', async () => {
    const { stdout } = await hebb(['classify', '--help'], { commands: [classifyCommand] });
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}every image was classified\n {2}1 /);
  });
});
