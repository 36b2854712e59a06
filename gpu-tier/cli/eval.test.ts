import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { writeImageFolders } from '@hebb/test/support/image-files';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import type { TableRow } from '@hebb/train/evaluate/ensemble';
import type { EvaluationResult } from '@hebb/train/report/evaluation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evalCommand } from './eval.ts';

let test: TestPackage;
beforeAll(async () => {
  test = await testPackage({ inputSize: 32, classes: 3 });
});
afterAll(() => test.remove());

/** A working directory with a data set; by default of the package's classes. */
async function folder(names = ['class 0', 'class 1', 'class 2']) {
  const cwd = await temporaryFolder();
  await writeImageFolders(join(cwd, 'data'), names, 3);
  const run = (...args: string[]) =>
    hebb(['eval', test.dir, '--data', 'data', '--backend', 'wasm', ...args], {
      cwd,
      commands: [evalCommand],
    });
  return { cwd, run };
}

type Printed = EvaluationResult & { data: string; crops: number; classes: string[] };

describe('hebb eval', () => {
  it('prints accuracy, classes and confusions of both precisions', async () => {
    const { run } = await folder();
    const { code, stdout, stderr } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^test [0-9a-f]{12} on 9 images of data\n/);
    expect(stdout).toMatch(
      /^precision +top-1 +95 % interval +top-5 +mean recall +loss +calib\. error +with temperature$/m,
    );
    expect(stdout).toMatch(/^float32 +\d+\.\d\d % .*\nint8 +\d+\.\d\d % /m);
    expect(stdout).toMatch(/^same answer for \d+\.\d\d % of the images/m);
    expect(stdout).toMatch(/^class 2 +3 /m);
    expect(stderr).toContain('int8     100%  9 of 9 images');
  });

  it('prints JSON', async () => {
    const { run } = await folder();
    const printed = JSON.parse((await run('--json')).stdout) as Printed;
    expect(printed).toMatchObject({
      data: 'data',
      crops: 1,
      classes: ['class 0', 'class 1', 'class 2'],
    });
    const { float, int8, agreement } = printed;
    expect(float!.images).toBe(9);
    const right = int8!.confusion.filter(({ label, answer }) => label === answer);
    expect(right.reduce((sum, { count }) => sum + count, 0) / 9).toBeCloseTo(int8!.top1, 9);
    expect(agreement!.agreement).toBeCloseTo(1 - agreement!.differences.length / 9, 9);
  });

  it('measures the chosen precision, crops and split', async () => {
    const { run } = await folder();
    const args = ['--precision', 'int8', '--crops', '10', '--split', 'val', '--val-share', '0.34'];
    const { code, stdout } = await run('--json', ...args);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as Printed;
    expect(printed).toMatchObject({ data: 'data/val, 10 crops', crops: 10 });
    expect(printed.float).toBeUndefined();
    expect(printed.int8!.images).toBe(3);
  });

  it('writes a report, without thumbnails on request', async () => {
    const { cwd, run } = await folder();
    const { code, stderr } = await run('--report');
    expect(code).toBe(0);
    expect(stderr).toContain('wrote report.html\n');
    const page = await readFile(join(cwd, 'report.html'), 'utf8');
    expect(page).toContain('<title>test on data</title>');
    expect(page).toContain('src="data:image/jpeg;base64,/9j/');
    expect(page).toContain('class 1/0.jpg');
    expect(page).not.toContain(cwd);

    await run('--report', 'plain.html', '--no-thumbnails');
    const plain = await readFile(join(cwd, 'plain.html'), 'utf8');
    expect(plain).not.toContain('data:image');
    expect(plain).toContain('class 1/0.jpg');
  });

  it('measures an ensemble, and the table of its models and crops', async () => {
    const { cwd } = await folder();
    const members = ['--ensemble', test.dir, test.dir];
    const run = (...args: string[]) =>
      hebb(['eval', ...members, '--data', 'data', '--precision', 'int8', ...args], {
        cwd,
        commands: [evalCommand],
      });
    const alone = await hebb(
      ['eval', test.dir, '--data', 'data', '--precision', 'int8', '--json'],
      {
        cwd,
        commands: [evalCommand],
      },
    );
    const { int8 } = JSON.parse((await run('--json')).stdout) as Printed;
    expect(int8).toEqual((JSON.parse(alone.stdout) as Printed).int8);

    const { code, stdout, stderr } = await run('--table', '--crops', '10', '--report');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^ensemble of 2 [0-9a-f]{12}, [0-9a-f]{12} on 9 images of data\n/);
    expect(stdout).toMatch(/^precision +models +crops +cost +top-1 error +95 % interval/m);
    const costs = [...stdout.matchAll(/^int8 +(\d) +(\d+) +(\d+) /gm)].map((row) => row.slice(1));
    expect(costs).toEqual([
      ['1', '1', '1'],
      ['1', '10', '10'],
      ['2', '1', '2'],
      ['2', '10', '20'],
    ]);
    expect(stderr).toContain('100%  198 of 198 crops');
    const page = await readFile(join(cwd, 'report.html'), 'utf8');
    expect(page).toContain('<title>ensemble of 2 on data</title>');
    expect(page).toContain('Error of int8 by models and crops');
  });

  it('prints the table as JSON, of a part of the images', async () => {
    const { run } = await folder();
    const args = ['--table', '--crops', '1', '--limit', '4', '--precision', 'int8'];
    const printed = JSON.parse((await run('--json', ...args)).stdout) as {
      readonly table: readonly TableRow[];
    };
    expect(printed).toMatchObject({ package: 'test', data: 'data', images: 4 });
    expect(printed).not.toHaveProperty('int8');
    expect(printed.table).toHaveLength(1);
    expect(printed.table[0]).toMatchObject({ precision: 'int8', models: 1, crops: 1 });
    expect(printed.table[0]!.secondsPerImage).toBeGreaterThan(0);
  });

  it('refuses an ensemble of packages with other labels', async () => {
    const { cwd } = await folder();
    const five = await testPackage({ inputSize: 32, classes: 5, name: 'five' });
    const { code, stderr } = await hebb(
      ['eval', '--ensemble', test.dir, five.dir, '--data', 'data', '--backend', 'wasm'],
      { cwd, commands: [evalCommand] },
    );
    await five.remove();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error labels_differ: five has the label "class 3", and test has not\.$/m,
    );
  });

  it('needs a package', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await hebb(['eval', '--data', 'data'], {
      cwd,
      commands: [evalCommand],
    });
    expect(code).toBe(2);
    expect(stderr).toContain('Name one package, or several with --ensemble.');
  });

  it('names classes that the package does not have', async () => {
    const { run } = await folder(['class 0', 'zebra']);
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error unknown_class: The package has no label "zebra"; its labels are "class 0"/,
    );
  });

  it('removes control characters from names', async () => {
    const { run } = await folder(['class 0', '\u001b[31mred']);
    expect((await run()).stderr).not.toContain('\u001b');
  });

  it.each([
    ['no data', [], "required option '--data <dir>'"],
    ['five crops', ['--data', 'data', '--crops', '5'], 'Give 1, 10, 144.'],
    ['an ensemble beside a package', ['--data', 'data', '--ensemble', 'other'], 'Name one package'],
    ['an unknown part', ['--data', 'data', '--split', 'test'], 'val, train, all'],
    ['an unknown option', ['--data', 'data', '--crop', '1'], 'Did you mean --crops?'],
  ])('refuses %s', async (_, args, message) => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await hebb(['eval', test.dir, ...args], {
      cwd,
      commands: [evalCommand],
    });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
