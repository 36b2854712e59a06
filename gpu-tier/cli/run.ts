import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { ERRORS, HebbError } from '../../shared/model/errors.ts';
import { storageError } from '../storage/storage-error.ts';
import type { Cli } from './cli.ts';
import { ExitError } from './exit.ts';

/** Makes one command of `hebb`; heavy modules are imported in its action, not at start-up. */
export type CommandFactory = (cli: Cli) => Command;

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Runs the command that `args` (without node and script) asks for and returns the exit code:
 * 0 done, 1 failed, 2 used wrongly, or the one of an `ExitError`. A `HebbError` prints as its message and hint; anything else is
 * a bug, whose stack prints with --debug or DEBUG set.
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
    // What the system refuses is no bug, wherever it comes from.
    return printError(storageError(error) ?? error, cli, debug);
  }
}

/** Exit override and output, for a command and those below it; `name` is what one types for it. */
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
  const hint = 'This is a bug. Run it again with --debug and report what it prints.';
  stderr.write(debug ? `${stack}\n` : `error internal: ${message}\n  → ${hint}\n`);
  return EXIT.failed;
}
