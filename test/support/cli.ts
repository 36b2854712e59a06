/**
 * Runs `hebb` commands in the test's process, with real files and captured output.
 * @module
 */
import { Readable } from 'node:stream';
import type { Cli } from 'hebb/cli';
import { describeCommand } from 'hebb/describe';
import { importCommand } from 'hebb/import';
import { type CommandFactory, runCommands } from 'hebb/run';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function hebb(
  args: readonly string[],
  options: Partial<Cli> & { commands?: readonly CommandFactory[] } = {},
): Promise<CliRun> {
  const [out, err]: [string[], string[]] = [[], []];
  const { commands = [describeCommand, importCommand], ...cli } = options;
  const code = await runCommands(args, commands, {
    stdout: { columns: 100, write: (text) => out.push(text) },
    stderr: { columns: 100, write: (text) => err.push(text) },
    stdin: () => Readable.from([]),
    cwd: process.cwd(),
    env: {},
    fetch,
    now: () => performance.now(),
    ...cli,
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}
