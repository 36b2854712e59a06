import { HebbError } from '@hebb/model/errors';
import { Command, Option } from 'commander';
import type { Output } from './classify/output.ts';
import type { Cli } from './cli.ts';
import { type EdgeFlags, edgeClient, forTerminal, withEdge } from './edge-target.ts';
import type { Progress } from './progress.ts';
import { ExitError } from './run.ts';
import { integer, number } from './values.ts';

interface Flags extends EdgeFlags {
  readonly top?: number;
  readonly tier?: 'auto' | 'edge' | 'gpu';
  readonly engine?: 'int8' | 'tfjs';
  readonly escalateBelow?: number;
  readonly csv?: boolean;
}

/** Exit codes for scripts; 0: every image was classified. */
const EXIT = { someFailed: 1, usage: 2, service: 3 } as const;

const HELP = `
Examples:
  hebb classify photo.jpg
  hebb classify photos/ --csv > photos.csv
  hebb classify photos/ --json | jq -r 'select(.error).name'
  curl -s https://example.com/photo.jpg | hebb classify -

A folder stands for every image below it. Results go to stdout as they arrive, progress to stderr.
The default Worker is the one that runs on this machine; --edge names another. If the Worker
needs a key, set HEBB_KEY to one with the scopes classify and batch.

Exit codes:
  0  every image was classified
  1  some were not; their lines give the reason
  2  wrong usage, or a path does not exist
  3  no Worker answers, or it refuses the request`;

/** `hebb classify`: images to labels, through a Worker. */
export function classifyCommand(cli: Cli): Command {
  return withEdge(new Command('classify'))
    .description('classify images, folders of them, or one on stdin')
    .argument('<image...>', 'files, folders, or - for stdin')
    .option(
      '--top <n>',
      'predictions per image (default: 5 for one image, 1 for several)',
      integer(1, 1e5),
    )
    .addOption(
      new Option('--tier <tier>', 'tier that answers (default: auto)').choices([
        'auto',
        'edge',
        'gpu',
      ]),
    )
    .addOption(
      new Option('--engine <engine>', 'engine of the edge (default: int8)').choices([
        'int8',
        'tfjs',
      ]),
    )
    .option(
      '--escalate-below <score>',
      'ask again in full precision when the best int8 score is lower',
      number(0, 1),
    )
    .addOption(new Option('--json', 'print one line of JSON per image').conflicts('csv'))
    .option('--csv', 'print CSV')
    .addHelpText('after', HELP)
    .action((words: string[], flags: Flags) => run(cli, words, flags));
}

async function run(cli: Cli, words: readonly string[], flags: Flags): Promise<void> {
  const { inputsOf } = await import('./classify/inputs.ts');
  const { csv, ndjson, Summary, table } = await import('./classify/output.ts');
  const { send } = await import('./classify/send.ts');
  const { startProgress } = await import('./progress.ts');

  const { stderr, now, cwd, stdin } = cli;
  const inputs = await inputsOf(words, { cwd, stdin }).catch(exitWith(EXIT.usage));
  const many = inputs.length > 1;
  const { top = many ? 1 : undefined, tier, engine, escalateBelow } = flags;
  const options = {
    ...(top !== undefined && { top }),
    ...(tier && { tier }),
    ...(engine && { engine }),
    ...(escalateBelow !== undefined && { escalateBelow }),
  };
  const names = inputs.map(({ name }) => name);
  const output: Output = flags.json ? ndjson : flags.csv ? csv : table(names);
  const summary = new Summary();
  const total = inputs.length;
  const progress = many
    ? startProgress({ label: 'classify', total, unit: 'images', stream: stderr, now })
    : undefined;
  const write = writer(cli, progress);
  write(output.head, 0);
  let done = 0;
  try {
    for await (const sent of send(await edgeClient(cli, flags), inputs, options)) {
      summary.add(sent.line);
      write(output.of(sent), ++done);
    }
  } catch (error) {
    return exitWith(EXIT.service)(forTerminal(error));
  } finally {
    progress?.finish();
  }
  stderr.write(String(summary));
  if (summary.failed === 0) return;
  const message = `${summary.failed} of ${total} images were not classified.`;
  throw new ExitError(EXIT.someFailed, 'images_failed', message);
}

/** Prints rows; on a terminal that also shows the progress line, that line is cleared first. */
function writer({ stdout, stderr }: Cli, progress: Progress | undefined) {
  const shared = progress !== undefined && stdout.isTTY && stderr.isTTY;
  return (text: string, done: number): void => {
    if (shared) stderr.write('\r\x1b[K');
    stdout.write(text);
    progress?.update(done);
  };
}

/** An `invalid_argument` of the service is a usage error, like one of the command line. */
function exitWith(exitCode: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof HebbError)) throw error;
    const { code, message, hint } = error;
    const usage = code === 'invalid_argument' ? EXIT.usage : exitCode;
    throw new ExitError(usage, code, message, { hint });
  };
}
