import { HebbError } from '@hebb/model';
import { hebb } from '@hebb/test/support/cli';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CommandFactory } from './run.ts';

const failing =
  (error: unknown): CommandFactory =>
  () =>
    new Command('fail').action(() => {
      throw error;
    });

describe('hebb', () => {
  it('prints its commands when called without arguments', async () => {
    const { code, stdout } = await hebb([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/describe .*\n +import /);
  });

  it.each(['describe', 'import'])('has examples in the help of %s', async (command) => {
    const { code, stdout } = await hebb([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  hebb ${command}`);
  });

  it('suggests a similar command', async () => {
    const { code, stderr } = await hebb(['descibe']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean describe?');
  });

  it('prints an error with its code and hint', async () => {
    const error = new HebbError('file_not_found', 'There is no photo.jpg.');
    const { code, stderr } = await hebb(['fail'], { commands: [failing(error)] });
    expect(code).toBe(1);
    expect(stderr).toBe('error file_not_found: There is no photo.jpg.\n  → Check the path.\n');
  });

  it('exits with 2 for an invalid argument', async () => {
    const error = new HebbError('invalid_argument', 'No.');
    expect((await hebb(['fail'], { commands: [failing(error)] })).code).toBe(2);
  });

  it('prints the stack of a bug only with --debug or DEBUG', async () => {
    const commands = [failing(new TypeError('oops'))];
    const plain = await hebb(['fail'], { commands });
    expect(plain.code).toBe(1);
    expect(plain.stderr).toContain('error internal: oops\n  → This is a bug.');
    expect(plain.stderr).not.toContain('run.test.ts');
    expect((await hebb(['fail', '--debug'], { commands })).stderr).toContain('run.test.ts');
    expect((await hebb(['fail'], { commands, env: { DEBUG: '1' } })).stderr).toContain(
      'run.test.ts',
    );
  });
});
