import { parseArgs } from 'node:util';
import { HebbError } from '@hebb/model/errors';

export const COMMANDS = [
  'engines',
  'kernels',
  'decode',
  'gpu-tier',
  'batch',
  'train',
  'transfer',
  'report',
] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface BenchOptions {
  readonly command: CommandName;
  readonly rounds: number;
  /** File for the results as JSON; none if absent. */
  readonly json?: string;
  /** Model package whose weights every engine runs: a folder, or a name under models/. */
  readonly package?: string;
  /** Folder of images for calibration and for the comparison of answers; random images if absent. */
  readonly calibrate?: string;
  readonly makePeerModels: boolean;
  /** Images of the bench of fine-tuning: a folder with train/ and val/. */
  readonly data?: string;
  /** Measures PyTorch too, in the benches of training. */
  readonly pytorch: boolean;
  /** Samples a training step with perf instead, in the bench of training. */
  readonly profile: boolean;
  /** Measures only our engines and those whose id contains this text. */
  readonly only?: string;
  /** Printed with the figures, e.g. what else the machine was doing. */
  readonly note?: string;
}

export const HELP = `npm run bench -- [engines|kernels|decode|gpu-tier|batch|train|transfer|report] [options]

  engines   whole networks: Hebb and its peers in one run (the default)
  kernels   our int8 engine layer by layer, in GMAC/s
  decode    a 12-megapixel JPEG, decoded at full and at reduced size
  gpu-tier  the GPU tier's backend and onnxruntime; the tier under load, and when its model process is killed
  batch     256 images through the edge, and the same images sent to the GPU tier directly
  train     training: forward pass, whole step, input pipeline alone, in images/s
  transfer  fine-tuning: a package on a data set, top-1 accuracy and time
  report    write docs/benchmarks.md from the results in bench/results

  --make-peer-models   first make the peers' model files (needs Python 3.10 to 3.13; 1 GB)
  --pytorch            train, transfer: measure PyTorch too (needs Python 3.10 to 3.13; 6 GB)
  --data FOLDER        transfer: images in train/ and val/, in a folder per class
  --profile            train: instead, the CPU time of a bf16 step at 224 px by kernel (needs Linux's perf)
  --package NAME       weights of this model package (default: models/imagenet, else random weights)
  --calibrate FOLDER   images for calibration and for the comparison of answers (default: random images)
  --only TEXT          only our engines and those whose id contains TEXT
  --rounds N           rounds to measure (default 15)
  --quick              3 rounds, to see whether everything works
  --note TEXT          gpu-tier, batch, train: a note for the report, e.g. what else the machine was doing
  --json FILE          write the results to FILE, e.g. bench/results/engines.json
`;

const DEFAULT_ROUNDS = 15;
const QUICK_ROUNDS = 3;

/** Reads the command line. Returns undefined for `--help`. Throws `invalid_argument`. */
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
    profile: values.profile ?? false,
    ...(values.json && { json: values.json }),
    ...(values.package && { package: values.package }),
    ...(values.data && { data: values.data }),
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
        data: { type: 'string' },
        calibrate: { type: 'string' },
        only: { type: 'string' },
        note: { type: 'string' },
        quick: { type: 'boolean' },
        'make-peer-models': { type: 'boolean' },
        pytorch: { type: 'boolean' },
        profile: { type: 'boolean' },
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
