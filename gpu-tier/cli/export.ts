import { relative, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import type { Manifest } from '@hebb/model/package/manifest';
import type { Tensors } from '@hebb/model/package/safetensors';
import { findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { PRECISIONS, type Precision } from '@hebb/tensorflow/graph/inference';
import { Command, Option } from 'commander';
import type { Cli } from './cli.ts';
import packageJson from './package.json' with { type: 'json' };

const FORMATS = ['savedmodel', 'onnx'] as const;
type Format = (typeof FORMATS)[number];

interface Flags {
  format: Format;
  out?: string;
  precision: Precision;
}

const EXAMPLES = `
Examples:
  hebb export imagenet --format onnx
      imagenet.onnx, for ONNX Runtime, OpenVINO, TensorRT
  hebb export imagenet --format savedmodel --out serving/imagenet/1
      for TensorFlow Serving: its model base path is serving/imagenet
  hebb export imagenet --format savedmodel --out triton/imagenet/1/model.savedmodel
      for Triton: its model repository is triton

Both return probabilities, logits and the embedding (1024 features) of n images. A SavedModel takes
pixels, uint8 RGB [n, size, size, 3], and normalises them itself. An ONNX file takes the conventional
float32 [n, 3, size, size], already normalised, and can be read by hebb import; its metadata holds the
labels and the normalisation.`;

/** `hebb export`: a package as a file for other servers. */
export function exportCommand(cli: Cli): Command {
  return new Command('export')
    .description('write a model package for other servers: SavedModel or ONNX')
    .argument('<package>', 'a model package: its folder, or its name under models/')
    .addOption(
      new Option('--format <format>', 'format of the export')
        .choices([...FORMATS])
        .makeOptionMandatory(),
    )
    .option('--out <path>', 'folder or file to write (default: <name>.savedmodel, <name>.onnx)')
    .addOption(
      new Option('--precision <precision>', 'number format of convolutions')
        .choices([...PRECISIONS])
        .default('f32'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: Flags) => {
      const folder = await readPackage(findPackage(name, cli.cwd));
      const { manifest } = folder;
      const out = resolve(cli.cwd, flags.out ?? `${manifest.name}.${flags.format}`);
      const bytes = await WRITERS[flags.format](
        out,
        manifest,
        await folder.tensors('f32'),
        flags.precision,
      );
      cli.stdout.write(
        `Wrote ${relative(cli.cwd, out) || '.'} (${(bytes / 1e6).toFixed(1)} MB): ` +
          `${DESCRIPTIONS[flags.format](manifest)}\n`,
      );
    });
}

/** Each writes to `out` and returns the size of the model in bytes. */
const WRITERS: Record<
  Format,
  (out: string, manifest: Manifest, weights: Tensors, precision: Precision) => Promise<number>
> = {
  async savedmodel(out, manifest, weights, precision) {
    const { exportSavedModel } = await import('@hebb/models/export/saved-model');
    return exportSavedModel(out, manifest, weights, precision);
  },
  async onnx(out, manifest, weights, precision) {
    if (precision !== 'f32') {
      throw new HebbError('invalid_argument', 'An ONNX file is written in f32 only.', {
        hint: 'Leave out --precision: runtimes convert f32 files themselves.',
      });
    }
    const { onnxFile } = await import('@hebb/models/export/onnx');
    const { writeWhole } = await import('@hebb/models/export/write-whole');
    const bytes = onnxFile(manifest, weights, packageJson);
    await writeWhole(out, bytes);
    return bytes.length;
  },
};

const DESCRIPTIONS: Record<Format, (manifest: Manifest) => string> = {
  savedmodel: ({ network: { inputSize: s } }) =>
    `image uint8 RGB [n, ${s}, ${s}, 3] → probabilities, logits, embedding`,
  onnx: ({ network: { inputSize: s }, preprocessing: { channelOrder } }) =>
    `image float32 ${channelOrder.toUpperCase()} [n, 3, ${s}, ${s}], normalised → probabilities, logits, embedding`,
};
