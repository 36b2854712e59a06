import type { Description } from '@hebb/model';
import { hebb } from '@hebb/test/support/cli';
import { describe, expect, it } from 'vitest';

describe('hebb describe', () => {
  it('prints our figures beside those of the paper', async () => {
    const { code, stdout } = await hebb(['describe']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^conv1 +7×7\/2 +112×112×64 +9,472 +118\.01 +│ +1 +2\.7K +34M +note a$/m,
    );
    expect(stdout).toMatch(/^inception3a +28×28×256 +163,696 +128\.05 +│ +2 +159K +128M/m);
    expect(stdout).toMatch(/^ {2}5x5_reduce +1×1\/1 +28×28×16 +3,088 +2\.41 +│$/m);
    for (const figure of [
      '6,998,552',
      '60,965,224',
      '51,380,224',
      '112.9M',
      '5.3M',
      '97,526,008',
    ]) {
      expect(stdout).toContain(figure);
    }
  });

  it.each([[[]], [['--variant', 'bn3x3', '--auxiliary']], [['--variant', 'naive']]])(
    'fits a terminal of 100 columns: %j',
    async (args) => {
      const { stdout } = await hebb(['describe', ...args]);
      const widest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(100);
    },
  );

  it('explains the paper’s figures only for the paper’s network', async () => {
    expect((await hebb(['describe'])).stdout).toContain('separable convolution');
    expect((await hebb(['describe', '--classes', '5'])).stdout).not.toContain('separable');
  });

  it('prints JSON', async () => {
    const { stdout } = await hebb(['describe', '--variant', 'bn3x3', '--classes', '5', '--json']);
    const description = JSON.parse(stdout) as Description;
    expect(description.totals).toEqual({
      parameters: 6_624_904 - 995 * 1025,
      multiplyAdds: 1_498_376_192 - 995 * 1024,
      weightLayers: 22,
      withPooling: 27,
      modules: 9,
    });
    expect(description.rows.at(-1)).toMatchObject({ name: 'softmax', output: [1, 1, 5] });
  });

  it('refuses unknown variants, sizes and options', async () => {
    const variant = await hebb(['describe', '--variant', 'vgg']);
    expect(variant).toMatchObject({ code: 2, stdout: '' });
    expect(variant.stderr).toContain('lrn, bn5x5, bn3x3, naive');
    expect((await hebb(['describe', '--classes', '1'])).stderr).toContain('from 2 to 100000');
    expect((await hebb(['describe', '--clases', '5'])).stderr).toContain('Did you mean --classes?');
  });
});
