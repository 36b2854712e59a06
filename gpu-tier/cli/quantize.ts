import { dirname, resolve } from 'node:path';
import type { PackageFolder } from '@hebb/packages/folder';
import { BACKENDS, type BackendRequest } from '@hebb/tensorflow/backend/choose';
import type { ScaleRule } from '@hebb/train/quantize/plan';
import { Command, Option } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { startStage } from './progress.ts';
import { integer, number } from './values.ts';

const EXAMPLES = `
Examples:
  hebb quantize imagenet --calibrate photos/
  hebb quantize models/flowers --calibrate data/train --evaluate data/val
  hebb quantize flowers --calibrate data/train --scales mse --max-loss 0.5

Accuracy is measured when images lie in folders named after classes (or ImageNet synsets), or when a
CSV file lists their labels.
The package is written only if int8 passes the gate: see --max-loss and --min-agreement.`;

interface QuantizeFlags {
  readonly calibrate: string;
  readonly evaluate?: string;
  readonly images: number;
  readonly scales: 'percentile' | 'mse';
  readonly percentile: number;
  readonly biasCorrection: 'auto' | 'on' | 'off';
  readonly maxLoss: number;
  readonly minAgreement: number;
  readonly backend: BackendRequest;
  readonly out?: string;
  readonly json?: boolean;
}

/** `hebb quantize`: int8 weights for the edge. */
export function quantizeCommand(cli: Cli): Command {
  return new Command('quantize')
    .description('quantise a float32 package to int8 for the edge')
    .argument('<package>', 'a model package: its folder, or its name under models/')
    .requiredOption(
      '--calibrate <dir>',
      'images that calibrate the activation scales: a folder, or a CSV file of path,label',
    )
    .option('--evaluate <dir>', 'images to compare int8 with float32 on (default: --calibrate)')
    .option('--images <n>', 'calibration images, spread over the folder', integer(1, 2000), 200)
    .addOption(
      new Option('--scales <rule>', 'rule for the clipping of activations')
        .choices(['percentile', 'mse'])
        .default('percentile'),
    )
    .option(
      '--percentile <p>',
      'percent of activations that are not clipped',
      number(50, 100),
      99.99,
    )
    .addOption(
      new Option(
        '--bias-correction <when>',
        'correct biases for what rounding adds to a channel on average',
      )
        .choices(['auto', 'on', 'off'])
        .default('auto'),
    )
    .option('--max-loss <points>', 'points of top-1 that int8 may lose', number(0, 100), 1)
    .option(
      '--min-agreement <p>',
      'percent of images that must get the same top-1 answer',
      number(0, 100),
      90,
    )
    .addOption(
      new Option('--backend <name>', 'backend that computes float32')
        .choices(BACKENDS)
        .default('auto'),
    )
    .option('--out <dir>', 'write the package here (default: in place)')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: QuantizeFlags) => run(cli, name, flags));
}

async function run(cli: Cli, name: string, flags: QuantizeFlags): Promise<void> {
  const { findPackage } = await import('@hebb/packages/find');
  const { checkPackageFolder, readPackage } = await import('@hebb/packages/folder');
  const { quantizePackage } = await import('@hebb/train/quantize/pipeline');
  const { loadKernels } = await import('@hebb/train/quantize/kernels');
  const { evaluationBackend } = await import('@hebb/train/evaluate/backend');
  const { quantizationReport } = await import('@hebb/train/quantize/report');
  const { checkDestinations } = await import('@hebb/packages/storage/preflight');

  const dir = findPackage(name, cli.cwd);
  const source = await readPackage(dir);
  const evaluate = resolve(cli.cwd, flags.evaluate ?? flags.calibrate);
  const out = flags.out ? resolve(cli.cwd, flags.out) : dir;
  // Checked before minutes of measuring. The new package is as large as this one, and is first written
  // beside it.
  await checkPackageFolder(out);
  const bytes = Object.values(source.manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  await checkDestinations([{ dir: dirname(out), bytes }]);
  const scales: ScaleRule =
    flags.scales === 'mse' ? { rule: 'mse' } : { rule: 'percentile', percent: flags.percentile };
  const result = await quantizePackage(
    source,
    {
      calibrate: resolve(cli.cwd, flags.calibrate),
      evaluate,
      calibrationImages: flags.images,
      scales,
      biasCorrection: flags.biasCorrection === 'auto' ? 'auto' : flags.biasCorrection === 'on',
      gate: { maxLoss: flags.maxLoss, minAgreement: flags.minAgreement },
      out,
    },
    {
      backend: await evaluationBackend(flags.backend, { cache: cacheFolder(cli), env: cli.env }),
      kernels: await loadKernels(),
      stage: (label, total) => startStage(cli, label, total),
    },
  );
  if (flags.json) cli.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else cli.stdout.write(quantizationReport(result));
  cli.stderr.write(await seenText(source, evaluate));
  cli.stderr.write(`wrote ${flags.out ?? dir}, version ${result.manifest.version.slice(0, 12)}\n`);
}

/** A warning when accuracy was measured on images that the package was trained on; else empty. */
async function seenText(source: PackageFolder, evaluate: string): Promise<string> {
  const { countTrainedOn } = await import('@hebb/train/evaluate/acquaintance');
  const { images, trained } = await countTrainedOn(source, evaluate);
  if (trained === 0) return '';
  return `! ${trained} of the ${images} images that accuracy was measured on were trained on: give others with --evaluate\n`;
}
