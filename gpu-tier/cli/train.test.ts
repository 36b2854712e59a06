import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { describeWithDisks, makeReadOnly, smallDisk } from '@hebb/test/support/disk';
import { writeImages } from '@hebb/test/train/images';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainCommand } from './train.ts';

const train = (...args: string[]) =>
  hebb(['train', ...args], { commands: [trainCommand], cwd: data });

let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
  await writeImages(data, { train: 3, val: 2 });
});

describe('hebb train', () => {
  it('has examples in its help', async () => {
    const { code, stdout } = await train('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('hebb train --data flowers --init imagenet --head-only');
    expect(stdout).toContain('hebb train --data flowers --init models/flowers --qat');
    expect(stdout).toContain('hebb train --resume runs/');
  });

  it.each([
    [['--epocs', '3'], 2, "unknown option '--epocs'"],
    [[], 2, 'Name the images: --data DIR.'],
    [['--data', 'nowhere'], 1, 'There is no data set'],
    [['--data', '.', '--name', 'No Name'], 2, 'cannot be the name of a package'],
    [['--data', '.', '--sizes', 'small'], 2, 'as in 96:0.4,160:1'],
    [['--data', '.', '--sizes', '96:0.5,160:0.4'], 2, 'must grow and end with 1'],
    [['--data', '.', '--sizes', '48'], 2, 'Images of 48 pixels cannot be trained on'],
    [['--data', '.', '--area', '0.5,1.2'], 2, 'at most 1'],
    [['--data', '.', '--head-epochs', '3'], 2, 'need --init PACKAGE'],
    [['--data', '.', '--head', 'fullyConnected'], 2, 'A fully connected head fits one image size'],
    [['--resume', 'runs/none', '--head', 'fullyConnected'], 2, 'keeps the --head it began with'],
    [['--data', '.', '--qat', '--variant', 'naive'], 2, 'trains for int8'],
    [['--data', '.', '--qat-epochs', 'some'], 2, '--qat-epochs'],
    [['--data', '.', '--qat', '--qat-epochs', '0'], 2, 'contradict each other'],
    [['--data', '.', '--init', 'x', '--qat', '--rate', '0.001'], 2, 'no effect on the epochs of'],
    [['--data', '.', '--qat-rate', '0.001'], 2, 'Add --qat.'],
    [['--data', '.', '--name', 'x', '--qat', '--no-quantize'], 2, 'scales that --qat trains'],
    [['--data', '.', '--head-only'], 2, '--head-only needs --init PACKAGE.'],
    [['--data', '.', '--trunk-rate', '0.1'], 2, '--trunk-rate needs --init PACKAGE.'],
    [['--data', '.', '--recipe', 'transfer'], 2, '--recipe transfer needs --init PACKAGE.'],
    [['--data', '.', '--init', 'x', '--head-only', '--hold-out', '0.1'], 2, 'trains none'],
    [['--data', '.', '--init', 'x', '--input-size', '96'], 2, 'the package decides --input-size'],
    [['--data', '.', '--init', 'nowhere'], 1, 'There is no model package at nowhere.'],
    [['--resume', 'runs/none'], 1, 'There is no run in'],
  ])('refuses %j with exit code %i', async (args, exitCode, message) => {
    const { code, stderr } = await train(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
  });

  it('names the files that cannot be trained on before training', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'hebb-broken-'));
    await writeImages(broken, { train: 3, val: 2 });
    const whole = await readFile(join(broken, 'train/red/0.jpg'));
    await writeFile(join(broken, 'train/red/1.jpg'), whole.subarray(0, whole.length >> 1));
    const { code, stderr } = await train('--data', broken, '--name', 'x');
    expect(stderr).toContain('train/red/1.jpg');
    expect(stderr).toContain('--fix');
    expect(code).toBe(1);
  });
});

describe('hebb train, before it reads images,', () => {
  const begin = ['--data', '.', '--name', 'x', '--recipe', 'quick'];

  it('refuses an --out folder with other content', async () => {
    const { code, stderr } = await train(...begin, '--out', 'train');
    expect(stderr).toContain('is not empty and not a model package');
    expect(stderr).not.toContain('checking');
    expect(code).toBe(2);
  });

  it('refuses an --out below a file', async () => {
    const { code, stderr } = await train(...begin, '--out', 'train/red/0.jpg/x');
    expect(stderr).toMatch(/error not_writable: |error invalid_argument: /);
    expect(stderr).not.toContain('checking');
    expect(code).toBeGreaterThan(0);
  });

  it('refuses data without an image to validate on', async () => {
    const few = await mkdtemp(join(tmpdir(), 'hebb-few-'));
    await writeImages(few, { train: 1, val: 0 });
    const { code, stderr } = await train('--data', join(few, 'train'), '--name', 'x');
    expect(stderr).toContain('has no image to validate on');
    expect(code).toBe(1);
  });

  it('names the files that it leaves out', async () => {
    const some = await mkdtemp(join(tmpdir(), 'hebb-some-'));
    await writeImages(some, { train: 1, val: 0 });
    await writeFile(join(some, 'train', 'red', 'scan.tif'), '');
    const { stderr } = await train('--data', join(some, 'train'), '--name', 'x');
    expect(stderr).toContain('! files that are left out: 1\n    1 file of format TIFF');
  });
});

describeWithDisks('hebb train on a read-only disk', () => {
  it.each(['--out', '--runs'])('fails before it reads images: %s', async (option) => {
    const disk = await smallDisk(64);
    await makeReadOnly(disk);
    const { code, stderr } = await train('--data', '.', '--name', 'x', option, join(disk, 'there'));
    expect(stderr).toContain('error not_writable: ');
    expect(stderr).toContain('the file system is read-only');
    expect(stderr).not.toContain('checking');
    expect(code).toBe(1);
  });
});
