import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { writePhoto } from '@hebb/test/support/photos';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { dataCommand } from './data.ts';

/** A folder with the data set `pets`, and `hebb data` in it. */
async function folder() {
  const cwd = await temporaryFolder();
  const paths = ['cat', 'dog'].flatMap((name) =>
    Array.from({ length: 12 }, (_, i) => `${name}/${i}.jpg`),
  );
  await Promise.all(paths.map((path, i) => writePhoto(join(cwd, 'pets', path), i)));
  const run = (...args: string[]) => hebb(['data', ...args], { cwd, commands: [dataCommand] });
  return { cwd, run };
}

describe('hebb data check', () => {
  it('reports a data set without findings', async () => {
    const { run } = await folder();
    const { code, stdout } = await run('check', 'pets');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '✓ pets: 24 images of 2 classes, nothing found\n',
    });
  });

  it('names files that do not decode, and exits with 1', async () => {
    const { cwd, run } = await folder();
    await writeFile(join(cwd, 'pets', 'cat', 'bad.jpg'), 'no picture');
    const { code, stdout, stderr } = await run('check', 'pets');
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'pets: 25 images of 2 classes',
        '✗ files that cannot be decoded: 1',
        '    cat/bad.jpg: it is not a JPEG, PNG, WebP, AVIF, GIF or HEIC',
        '    → --fix moves them into quarantine',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('error invalid_dataset: One file of pets cannot be trained on.');
    expect(stderr).toContain('→ Replace them, or move them away with --fix.');
  });

  it('moves them to quarantine with --fix', async () => {
    const { cwd, run } = await folder();
    await writeFile(join(cwd, 'pets', 'cat', 'bad.jpg'), 'no picture');
    const { code, stdout } = await run('check', 'pets', '--fix');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Moved 1 file to pets-quarantine (moved.csv there lists the original paths)',
    );
    expect((await run('check', 'pets')).stdout).toMatch(/nothing found/);
  });

  it('prints ten findings of a kind, and all of them as JSON', async () => {
    const { cwd, run } = await folder();
    for (let i = 0; i < 13; i++) {
      await writePhoto(join(cwd, 'pets', 'dog', `tiny${i}.jpg`), 500 + i, { width: 9, height: 9 });
    }
    const { stdout } = await run('check', 'pets');
    expect(stdout).toContain('– images that are very small: 13\n');
    expect(stdout).toContain('    and 3 more\n');
    const { findings } = JSON.parse((await run('check', 'pets', '--json')).stdout);
    expect(findings).toHaveLength(13);
    expect(findings[0]).toMatchObject({ kind: 'tiny_image', severity: 'note', removes: [] });
  });

  it('refuses a folder without images and a missing folder', async () => {
    const { cwd, run } = await folder();
    await mkdir(join(cwd, 'empty'));
    expect((await run('check', 'empty')).stderr).toContain('There are no images in the classes of');
    expect((await run('check', 'nowhere')).stderr).toContain('error file_not_found');
  });

  it('points to its help after an unknown option', async () => {
    const { run } = await folder();
    const { code, stderr } = await run('check', 'pets', '--repair');
    expect(code).toBe(2);
    expect(stderr).toContain('Run `hebb data check --help` for examples.');
  });
});
