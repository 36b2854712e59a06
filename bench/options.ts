import { parseArgs } from 'node:util';
import { HebbError } from '@hebb/model/errors';

export const COMMANDS = [
  'engines',
  'kernels',
  'decode',
  'gpu-tier',
  'batch',
  'train',
  'report',
] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface BenchOptions {
  readonly command: CommandName;
  readonly rounds: number;
  /** Where the results are written as JSON; nowhere when absent. */
  readonly json?: string;
  /** The model package whose weights every engine runs: a folder, or a name under models/. */
  readonly package?: string;
  /** Folder of images to calibrate with and to compare answers on; random ones when absent. */
  readonly calibrate?: string;
  readonly makePeerModels: boolean;
  /** Training beside PyTorch. */
  readonly pytorch: boolean;
  /** Only engines whose name holds this text. */
  readonly only?: string;
  /** Said beside the figures: what else was going on. */
  readonly note?: string;
}

export const HELP = `npm run bench -- [engines|kernels|decode|gpu-tier|batch|train|report] [options]

  engines   whole networks: ours and our peers, side by side in one run (the default)
  kernels   our int8 engine layer by layer, in GMAC/s
  decode    a 12-megapixel JPEG, scaled while decoding and in full
  gpu-tier  the GPU tier's backend beside onnxruntime; the tier under load, and without its host
  batch     256 images through the edge beside the same ones sent to the GPU tier directly
  train     training: forward, the whole step, the input pipeline alone, in images/s
  report    writes docs/benchmarks.md from the results in bench/results

  --make-peer-models   first make the peers' model files (needs Python 3.10 to 3.13; 1 GB)
  --pytorch            of the bench of training: PyTorch beside ours (needs Python 3.10 to 3.13; 6 GB)
  --package NAME       weights of this model package (default: models/imagenet, else random ones)
  --calibrate FOLDER   images to calibrate and to compare answers with (default: random ones)
  --only TEXT          engines whose name holds TEXT, and ours
  --rounds N           rounds to measure (default 15)
  --quick              3 rounds: does everything work?
  --note TEXT          of the benches of the GPU tier, batches and training: what else the machine was doing
  --json FILE          write the results there, e.g. bench/results/engines.json
`;

const DEFAULT_ROUNDS = 15;
const QUICK_ROUNDS = 3;

/** Reads the command line. Throws `invalid_argument`; undefined means that help was asked for. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [command = 'engines', ...rest] = positionals;
  if (!isCommand(command) || rest.length > 0) {
    throw usage(`There is no bench "${positionals.join(' ')}".`);
  }
  const rounds = values.rounds ?? (values.quick ? QUICK_ROUNDS : DEFAULT_ROUNDS);
  if (!/^[1-9]\d{0,3}$/.test(String(rounds))) throw usage('--rounds must be 1 to 9999.');
  return {
    command,
    rounds: Number(rounds),
    makePeerModels: values['make-peer-models'] ?? false,
    pytorch: values.pytorch ?? false,
    ...(values.json && { json: values.json }),
    ...(values.package && { package: values.package }),
    ...(values.calibrate && { calibrate: values.calibrate }),
    ...(values.only && { only: values.only }),
    ...(values.note && { note: values.note }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        json: { type: 'string' },
        package: { type: 'string' },
        calibrate: { type: 'string' },
        only: { type: 'string' },
        note: { type: 'string' },
        quick: { type: 'boolean' },
        'make-peer-models': { type: 'boolean' },
        pytorch: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw usage((cause as Error).message, cause);
  }
}

const isCommand = (name: string): name is CommandName =>
  (COMMANDS as readonly string[]).includes(name);

const usage = (message: string, cause?: unknown) =>
  new HebbError('invalid_argument', message, { hint: 'Run `npm run bench -- --help`.', cause });
