import { join } from 'node:path';
import { hebb } from '@hebb/test/support/cli';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { readDataset } from '@hebb/train/dataset/read';
import { describe, expect, it } from 'vitest';
import { dataCommand } from './data.ts';

describe('hebb data shapes', () => {
  it('draws a data set and prints the next command', async () => {
    const cwd = await temporaryFolder();
    const args = ['data', 'shapes', 'my-shapes', '--images', '8', '--size', '32', '--seed', '7'];
    const { code, stdout } = await hebb(args, { cwd, commands: [dataCommand] });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'Wrote my-shapes: checkerboard, circle, square, star, stripes, triangle',
        '  48 images to train on, 12 to validate, 32×32',
        'Next: hebb train --data my-shapes --recipe quick',
        '',
      ].join('\n'),
    });
    expect((await readDataset(join(cwd, 'my-shapes'))).train).toHaveLength(48);
  });

  it.each([
    ['no folder', []],
    ['too few images', ['x', '--images', '1']],
    ['an unknown option', ['x', '--classes', '3']],
  ])('refuses %s', async (_, args) => {
    const cwd = await temporaryFolder();
    expect((await hebb(['data', 'shapes', ...args], { cwd, commands: [dataCommand] })).code).toBe(
      2,
    );
  });
});
