import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { BACKENDS } from '../backend/choose.ts';
import { PRECISIONS } from '../graph/inference.ts';
import { LOG_LEVELS } from '../observability/log.ts';
import { MODELS_FOLDER } from '../packages/find.ts';
import type { Cli } from './cli.ts';
import { type ServeFlags, serve, told } from './serve-run.ts';
import { address, integer, integerOr, integers } from './values.ts';

const EXAMPLES = `
Examples:
  npm run gpu-tier -- --model imagenet
  npm run gpu-tier -- --model imagenet --precision bf16 --max-queue-delay 5
  npm run gpu-tier -- --follow https://hebb.example.com --mirror https://models.example.com
  curl localhost:8788/v2/models/imagenet

One line of JSON per event goes to stdout. SIGTERM and Ctrl-C end it when every request that was
accepted has its answer. The protocol, with examples, is in docs/gpu-tier.md.`;

/** `hebb serve`: the GPU tier. `stopped` resolves when it is to end. */
export function serveCommand(cli: Cli, stopped: () => Promise<string> = told): Command {
  const collect = (value: string, all: string[] = []) => [...all, value];
  return new Command('serve')
    .description('serve full-precision models over HTTP (Open Inference Protocol v2)')
    .option('--model <package>', 'serve this one, repeatable (default: the newest)', collect)
    .option('--repository <folder>', 'packages that can be loaded by name', MODELS_FOLDER)
    .option('--follow <url>', 'serve the model that this Worker serves', address)
    .option('--follow-interval <s>', 'between two looks', integer(1, 3600), 10)
    .option('--mirror <url>', 'where published packages are that the repository lacks', address)
    .option('--port <n>', 'to listen on (default: HEBB_GPU_PORT, or 8788)', integer(0, 65_535))
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .addOption(
      new Option('--backend <name>', 'what to compute with').choices(BACKENDS).default('auto'),
    )
    .option('--require-native', 'refuse to start where TensorFlow does not run', false)
    .option('--no-require-native', 'undo it, in an image that has it on')
    .addOption(
      new Option('--precision <name>', 'of native TensorFlow').choices(PRECISIONS).default('f32'),
    )
    .option('--replicas <n>', 'processes per model (default: one per GPU, else 1)', integer(1, 64))
    .option('--max-batch-size <n>', 'images computed at once', integer(1, 1024), 32)
    .option(
      '--batch-sizes <list>',
      'sizes to compute, as in 1,8,32; others are filled up',
      integers(1, 1024),
    )
    .option(
      '--max-queue-delay <ms>',
      'how long a request may wait for others, or auto: learn it from traffic',
      integerOr('auto', 0, 60_000),
      'auto',
    )
    .option('--latency-target <ms>', 'that auto keeps', integer(1, 600_000), 1000)
    .option('--max-queue-size <n>', 'images that may wait; more get 503', integer(1, 100_000), 512)
    .option('--max-memory-growth <MB>', 'after which a process is replaced', integer(1, 1e6), 1000)
    .option('--max-body <MB>', 'of one request', integer(1, 2000), 64)
    .option('--max-bodies <MB>', 'of all requests under way', integer(1, 100_000), 512)
    .option('--decode-threads <n>', 'that decode images', integer(1, 256), availableParallelism())
    .option('--drain-timeout <s>', 'for requests to end in after SIGTERM', integer(0, 3600), 25)
    .option(
      '--unsigned',
      'take what is not signed from everywhere: something in front checks',
      false,
    )
    .option('--keys <file>', 'API keys that let clients in, by hebb keys --file (HEBB_KEYS_FILE)')
    .addOption(
      new Option('--access <mode>', 'loopback: this machine needs no key')
        .choices(['keys', 'loopback'])
        .default('keys'),
    )
    .addOption(new Option('--door-keys', 'those of npm start, too').default(false).hideHelp())
    .addOption(new Option('--log-level <level>', 'and above').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', EXAMPLES)
    .action((flags: ServeFlags) => serve(cli, flags, stopped));
}
