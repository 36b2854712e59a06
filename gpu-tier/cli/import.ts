import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { VARIANT_TITLES } from '@hebb/model/network/variant';
import { isPackageName, type Label, type Manifest } from '@hebb/model/package/manifest';
import { writeSafetensors } from '@hebb/model/package/safetensors';
import type { Preprocessing, ResizeRule } from '@hebb/model/preprocess/preprocessing';
import { importOnnx } from '@hebb/models/import/importer';
import { parseLabels } from '@hebb/models/import/labels';
import type { PreprocessingFlags } from '@hebb/models/import/preprocessing';
import {
  fetchZooLabels,
  fetchZooModel,
  ZOO_GOOGLENET,
  type ZooModel,
} from '@hebb/models/import/zoo';
import { defaultPackageFolder } from '@hebb/packages/find';
import { writePackage } from '@hebb/packages/folder';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import packageJson from './package.json' with { type: 'json' };
import { startProgress } from './progress.ts';
import { integer, rgbTriple } from './values.ts';

interface Flags extends SourceFlags {
  out?: string;
  mean?: Preprocessing['mean'];
  scale?: Preprocessing['scale'];
  channelOrder?: Preprocessing['channelOrder'];
  resize?: { rule?: ResizeRule; size?: number };
  crop?: number;
}

const EXAMPLES = `
Examples:
  hebb import --from zoo
      GoogLeNet of the ONNX Model Zoo (ImageNet, 1000 classes, 28 MB) as models/imagenet
  hebb import googlenet.onnx --labels synset_words.txt --name imagenet
  hebb import torchvision.onnx --labels classes.txt --name flowers --out packages/flowers
  hebb import caffe.onnx --labels classes.txt --name birds --mean 123,117,104 --channel-order bgr

Preprocessing that an ONNX file does not declare gets a default: files with LRN get Caffe's (warp to
256, crop 224, BGR, mean 123,117,104), others torchvision's (shorter side 256, crop 224, RGB, mean
123.675,116.28,103.53, scale 1/(255 × 0.229, 0.224, 0.225)). Steps at the input of the graph
(torchvision's transform_input) are added to it. A graph that subtracts a mean itself gets pixels from 0
to 255 or from 0 to 1, and no mean is subtracted twice; its means also show which channel is red.

The zoo's model comes from GitHub or Hugging Face and is verified by its sha256; an interrupted
download resumes. Its labels are the zoo's synset.txt, verified to hold ImageNet's 1000 classes in
order, unless --labels gives others. Downloads are kept in $HEBB_CACHE, by default ~/.cache/hebb.`;

/** `hebb import`: makes a package of an ONNX file or of the zoo's model. */
export function importCommand(cli: Cli, zoo: ZooModel = ZOO_GOOGLENET): Command {
  return new Command('import')
    .description('convert a GoogLeNet in ONNX to a model package')
    .argument('[file]', 'an ONNX file: the Model Zoo’s layout or torchvision’s export')
    .addOption(new Option('--from <source>', 'download a known model').choices(['zoo']))
    .option('--labels <file>', 'one label per line, in the order of the outputs')
    .option('--name <name>', 'name of the package (default with --from zoo: imagenet)')
    .option('--out <folder>', 'folder of the package (default: models/<name>)')
    .option('--mean <r,g,b>', 'mean to subtract from pixels 0–255', rgbTriple)
    .option('--scale <r,g,b>', 'factor to multiply by after that', rgbTriple)
    .addOption(
      new Option('--channel-order <order>', 'channel order of the file’s input').choices([
        'rgb',
        'bgr',
      ]),
    )
    .option('--resize <rule:size>', 'warp:256, shorter-side:256, or only a size', resizeFlag)
    .option('--crop <pixels>', 'side of the input, if the file leaves it open', integer(32, 1024))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: Flags) => {
      const source = await findSource(file, flags, cli, zoo);
      const imported = await importOnnx(source.path, {
        ...source,
        preprocessing: preprocessingFlags(flags),
        importer: `${packageJson.name} ${packageJson.version}`,
      });
      const dir = flags.out
        ? resolve(cli.cwd, flags.out)
        : defaultPackageFolder(source.name, cli.cwd);
      const weights = { f32: writeSafetensors(imported.weights) };
      const manifest = await writePackage(dir, { manifest: imported.manifest, weights });
      cli.stdout.write(report(manifest, relative(cli.cwd, dir) || '.'));
    });
}

function preprocessingFlags({ mean, scale, channelOrder, resize, crop }: Flags) {
  return {
    ...(mean && { mean }),
    ...(scale && { scale }),
    ...(channelOrder && { channelOrder }),
    ...(resize && { resize }),
    ...(crop && { crop }),
  } satisfies PreprocessingFlags;
}

function resizeFlag(text: string): { rule?: ResizeRule; size?: number } {
  const [, rule, size] = /^(?:(warp|shorter-side):?)?(\d+)?$/.exec(text) ?? [];
  if (!rule && !size) throw new InvalidArgumentError('Give warp:256, shorter-side:256 or 256.');
  return {
    ...(rule && { rule: rule as ResizeRule }),
    ...(size && { size: integer(32, 8192)(size) }),
  };
}

function report(manifest: Manifest, dir: string): string {
  const { network, preprocessing: p, files } = manifest;
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const numbers = (values: readonly number[]) =>
    values.map((v) => Number(v.toPrecision(6))).join(', ');
  const rows = [
    ['network', VARIANT_TITLES[network.variant]],
    ['classes', String(network.classes)],
    ['image', `${p.resize.rule} ${p.resize.size}, crop ${p.crop}, ${p.channelOrder.toUpperCase()}`],
    ['mean', numbers(p.mean)],
    ['scale', numbers(p.scale)],
    ['weights', `${(bytes / 1e6).toFixed(1)} MB float32`],
    ['version', manifest.version.slice(0, 12)],
  ];
  const table = rows.map(([key, value]) => `  ${key!.padEnd(9)}${value}\n`).join('');
  return `Wrote ${dir}\n${table}Next: hebb quantize ${dir} --calibrate <folder of images>\n`;
}

interface SourceFlags {
  from?: 'zoo';
  labels?: string;
  name?: string;
}

interface ImportSource {
  /** Path of the ONNX file. */
  readonly path: string;
  /** Name of the package. */
  readonly name: string;
  readonly labels: readonly Label[];
  readonly lineage?: Record<string, string>;
}

/** Model and labels that the arguments name; downloads them for --from. */
async function findSource(
  file: string | undefined,
  flags: SourceFlags,
  cli: Cli,
  zoo: ZooModel,
): Promise<ImportSource> {
  const usage = (message: string, hint: string) =>
    new HebbError('invalid_argument', message, { hint });
  if ((file === undefined) === (flags.from === undefined)) {
    throw usage('Name one ONNX file, or give --from zoo.', 'hebb import --help has examples.');
  }
  const name = flags.name ?? (flags.from ? 'imagenet' : undefined);
  if (!name) throw usage('The package needs a name.', 'Give one with --name.');
  if (!isPackageName(name)) {
    throw usage(`${name} cannot be a package's name.`, 'Use lower-case letters, digits, - _ and .');
  }
  if (file !== undefined) {
    if (!flags.labels) throw usage('An ONNX file has no labels.', 'Give them with --labels FILE.');
    return { name, path: resolve(cli.cwd, file), labels: await readLabels(flags.labels, cli) };
  }
  return { name, ...(await fromZoo(flags.labels, cli, zoo)) };
}

async function fromZoo(labelFile: string | undefined, cli: Cli, zoo: ZooModel) {
  const options = { model: zoo, cache: cacheFolder(cli), fetch: cli.fetch };
  const progress = startProgress({
    label: `downloading ${zoo.file}`,
    total: zoo.bytes,
    unit: 'B',
    stream: cli.stderr,
    now: cli.now,
  });
  let path: string;
  try {
    path = await fetchZooModel({ ...options, onProgress: progress.update });
  } finally {
    progress.finish();
  }
  const labels = labelFile ? await readLabels(labelFile, cli) : await fetchZooLabels(options);
  const lineage = { source: 'ONNX Model Zoo', url: zoo.mirrors[0]!, license: zoo.license };
  return { path, labels, lineage };
}

async function readLabels(path: string, cli: Cli): Promise<Label[]> {
  const text = await readFile(resolve(cli.cwd, path), 'utf8').catch((cause: unknown) => {
    throw new HebbError('file_not_found', `The label file ${path} cannot be read.`, { cause });
  });
  return parseLabels(text);
}
