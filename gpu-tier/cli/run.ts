import { ERRORS, type ErrorCode, HebbError } from '@hebb/model/errors';
import { storageError } from '@hebb/packages/storage/storage-error';
import { Command, CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import packageJson from './package.json' with { type: 'json' };

/** Makes one command of `hebb`. Its action imports heavy modules, to keep the start fast. */
export type CommandFactory = (cli: Cli) => Command;

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Runs the command of `args` (without node and script) and returns the exit code: 0 done, 1 failed,
 * 2 wrong usage, or the code of an `ExitError`. A `HebbError` prints as its message and hint; any other
 * error is a bug, whose stack prints with --debug or when DEBUG is set.
 */
export async function runCommands(
  args: readonly string[],
  commands: readonly CommandFactory[],
  cli: Cli,
): Promise<number> {
  const program = new Command('hebb')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('--debug', 'print stack traces')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
      getOutHelpWidth: () => cli.stdout.columns ?? 80,
      getErrHelpWidth: () => cli.stderr.columns ?? 80,
    });
  for (const make of commands) {
    const command = make(cli);
    inheritSettings(command, program, `hebb ${command.name()}`);
    program.addCommand(command);
  }
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const debug = program.opts<{ debug?: boolean }>().debug === true || Boolean(cli.env.DEBUG);
    // A system that refuses to write is not a bug, whichever code was writing.
    return printError(storageError(error) ?? error, cli, debug);
  }
}

/** Exit override and output for a command and its subcommands; `name` as it is typed. */
function inheritSettings(command: Command, parent: Command, name: string): void {
  command.copyInheritedSettings(parent);
  command.showHelpAfterError(`Run \`${name} --help\` for examples.`);
  for (const below of command.commands) inheritSettings(below, command, `${name} ${below.name()}`);
}

function printError(error: unknown, { stderr }: Cli, debug: boolean): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof HebbError) {
    stderr.write(`error ${error.code}: ${error.message}\n  → ${error.hint}\n`);
    if (debug) stderr.write(`${stack}\n`);
    if (error instanceof ExitError) return error.exitCode;
    return ERRORS[error.code].exit ?? EXIT.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = 'This is a bug. Run it again with --debug and report the output.';
  stderr.write(debug ? `${stack}\n` : `error internal: ${message}\n  → ${hint}\n`);
  return EXIT.failed;
}

/** An error with its own exit code, so that scripts can tell failures apart. */
export class ExitError extends HebbError {
  readonly exitCode: number;

  constructor(exitCode: number, code: ErrorCode, message: string, options: { hint?: string } = {}) {
    super(code, message, options);
    this.exitCode = exitCode;
  }
}
