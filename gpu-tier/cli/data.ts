import { relative, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import type { CheckResult } from '@hebb/train/dataset/checks/check';
import type { Finding } from '@hebb/train/dataset/checks/finding';
import type { Fixed } from '@hebb/train/dataset/checks/fix';
import { LABELS_FILE } from '@hebb/train/dataset/csv';
import { GOOGLE_EMOJI } from '@hebb/train/dataset/emoji/emoji';
import type { NpmArchive } from '@hebb/train/dataset/emoji/npm-archive';
import { FLOWER_PHOTOS, type PhotoArchive } from '@hebb/train/dataset/flowers/archive';
import { Command } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { findingsText } from './findings.ts';
import { progressOf } from './progress.ts';
import { count } from './text.ts';
import { address, integer, number } from './values.ts';

const EXAMPLES = `
Examples:
  hebb data shapes shapes         draw 1,500 small images of six classes
  hebb data flowers flowers       download 3,670 photographs of five kinds of flowers
  hebb data shapes --multi-label figures   the same, several to an image
  hebb data emoji emoji           download 1,668 emoji of nine groups, with npm
  hebb data check photos          report what is wrong with a data set
  hebb data check photos --fix    move broken files and copies to photos-quarantine/`;

/** `hebb data`: data sets to train on. */
export function dataCommand(
  cli: Cli,
  flowers: PhotoArchive = FLOWER_PHOTOS,
  emoji: NpmArchive = GOOGLE_EMOJI,
): Command {
  return new Command('data')
    .description('make, download or check a data set')
    .addCommand(shapesCommand(cli))
    .addCommand(flowersCommand(cli, flowers))
    .addCommand(emojiCommand(cli, emoji))
    .addCommand(checkCommand(cli))
    .addHelpText('after', EXAMPLES);
}

interface ShapesFlags {
  multiLabel?: boolean;
  images: number;
  size: number;
  seed: number;
}

function shapesCommand(cli: Cli): Command {
  return new Command('shapes')
    .description('draw a small data set of shapes and textures')
    .argument('<folder>', 'folder to write; must be new or empty')
    .option(
      '--images <n>',
      'training images per class; a quarter as many for validation',
      integer(4, 10_000),
      200,
    )
    .option('--multi-label', 'as many images of none to four figures, with a list labels.csv')
    .option('--size <pixels>', 'side of an image', integer(32, 512), 128)
    .option('--seed <n>', 'a different seed draws different images', integer(0, 2 ** 32 - 1), 1)
    .action(async (folder: string, flags: ShapesFlags) => {
      const { writeSeveralShapes, writeShapes } = await import('@hebb/train/dataset/shapes/write');
      const write = flags.multiLabel ? writeSeveralShapes : writeShapes;
      const data = flags.multiLabel ? `${folder}/${LABELS_FILE} --multi-label` : folder;
      const progress = progressOf(cli);
      const { classes, train, val } = await write(resolve(cli.cwd, folder), {
        ...flags,
        onProgress: progress.step('drawing', 'images'),
      }).finally(progress.finish);
      cli.stdout.write(
        [
          `Wrote ${folder}: ${classes.join(', ')}\n`,
          `  ${count(train)} images to train on, ${count(val)} to validate, ${flags.size}×${flags.size}\n`,
          `Next: hebb train --data ${data} --recipe quick\n`,
        ].join(''),
      );
    });
}

interface FlowersFlags {
  from?: string;
  size?: number;
  valShare: number;
  seed: number;
}

const FLOWERS_NOTES = `
3,670 photographs of daisies, dandelions, roses, sunflowers and tulips, 229 MB, verified by their
sha256. An interrupted download resumes. The archive is kept in $HEBB_CACHE, by default ~/.cache/hebb.
If TensorFlow's servers cannot be reached, --from names a mirror of the same file.`;

function flowersCommand(cli: Cli, archive: PhotoArchive): Command {
  return new Command('flowers')
    .description('download TensorFlow’s flower photographs and split them')
    .argument('<folder>', 'folder to write; must be new or empty')
    .option('--size <pixels>', 'reduce photographs to this shorter side', integer(64, 2048))
    .option('--val-share <x>', 'share of each class for validation', number(0.01, 0.9), 0.15)
    .option('--seed <n>', 'seed of the split', integer(0, 2 ** 32 - 1), 0)
    .option('--from <url>', 'download the archive from this address', address)
    .addHelpText('after', FLOWERS_NOTES)
    .action(async (folder: string, { from, size, valShare, seed }: FlowersFlags) => {
      const { makeFlowers } = await import('@hebb/train/dataset/flowers/flowers');
      const progress = progressOf(cli);
      const { classes, train, val, leftOut } = await makeFlowers(resolve(cli.cwd, folder), {
        archive: from ? { ...archive, urls: [from] } : archive,
        cache: cacheFolder(cli),
        fetch: cli.fetch,
        onDownload: progress.step(`downloading ${archive.file}`, 'B'),
        onCheck: progress.step('checking', 'images'),
        onArrange: progress.step('arranging', 'images'),
        valShare,
        seed,
        size,
      }).finally(progress.finish);
      const without = leftOut > 0 ? `; ${count(leftOut)} copies or broken files left out` : '';
      cli.stdout.write(
        [
          `Wrote ${folder}: ${classes.join(', ')}\n`,
          `  ${count(train)} photographs to train on, ${count(val)} to validate${without}\n`,
          `  ${archive.license}\n`,
          `Next: hebb train --data ${folder}\n`,
        ].join(''),
      );
    });
}

const EMOJI_NOTES = `
1,668 drawings of 64×64 pixels from Google's Noto Emoji, in nine groups of 85 to 264: activities, animals,
flags, food, objects, people, smileys, symbols, travel. npm downloads them from your registry (74 MB, verified by
their sha256) as the package emoji-datasource-google, which is kept in $HEBB_CACHE, by default ~/.cache/hebb.`;

function emojiCommand(cli: Cli, archive: NpmArchive): Command {
  return new Command('emoji')
    .description('download emoji of nine groups and split them')
    .argument('<folder>', 'folder to write; must be new or empty')
    .option('--val-share <x>', 'share of each class for validation', number(0.01, 0.9), 0.15)
    .option('--seed <n>', 'seed of the split', integer(0, 2 ** 32 - 1), 0)
    .addHelpText('after', EMOJI_NOTES)
    .action(async (folder: string, { valShare, seed }: Pick<FlowersFlags, 'valShare' | 'seed'>) => {
      const { makeEmoji } = await import('@hebb/train/dataset/emoji/emoji');
      const progress = progressOf(cli);
      const { classes, train, val, leftOut } = await makeEmoji(resolve(cli.cwd, folder), {
        archive,
        cache: cacheFolder(cli),
        env: cli.env,
        fetch: cli.fetch,
        onDownload: progress.step(`downloading ${archive.name}`, 'B'),
        onCheck: progress.step('checking', 'images'),
        onArrange: progress.step('arranging', 'images'),
        valShare,
        seed,
      }).finally(progress.finish);
      const without = leftOut > 0 ? `; ${count(leftOut)} copies left out` : '';
      cli.stdout.write(
        [
          `Wrote ${folder}: ${classes.join(', ')}\n`,
          `  ${count(train)} drawings to train on, ${count(val)} to validate${without}\n`,
          '  The pictures are licensed Apache-2.0; LICENSE.txt names their authors.\n',
          `Next: hebb train --data ${folder} --recipe quick\n`,
        ].join(''),
      );
    });
}

interface CheckFlags {
  multiLabel?: boolean;
  fix?: boolean;
  json?: boolean;
}

const CHECK_NOTES = `
Reports files that do not decode, copies (within a class, across classes, across the split), files
that are left out (BMP, TIFF, no extension), empty, small and unbalanced classes, and tiny images.
--fix moves the files to <source>-quarantine beside the data set and deletes nothing; for a CSV file
it writes <name>.fixed.csv instead.
The exit code is 1 when a file does not decode (✗): training would fail on it.`;

function checkCommand(cli: Cli): Command {
  return new Command('check')
    .description('look for broken files, copies and small classes')
    .argument('<source>', 'folder of class folders, of train/ and val/, or a CSV file')
    .option('--fix', 'move broken files and copies out of the data set')
    .option('--multi-label', 'an image of a CSV file may have several labels, or none')
    .option('--json', 'print every finding as JSON')
    .addHelpText('after', CHECK_NOTES)
    .action(async (named: string, flags: CheckFlags) => {
      const { fix = false, json = false, multiLabel } = flags;
      const { checkDataset } = await import('@hebb/train/dataset/checks/check');
      const { fixDataset } = await import('@hebb/train/dataset/checks/fix');
      const source = resolve(cli.cwd, named);
      const progress = progressOf(cli);
      const result = await checkDataset(source, {
        multiLabel,
        onProgress: progress.step('decoding', 'images'),
      }).finally(progress.finish);
      const fixed = fix ? await fixDataset(source, result.findings, multiLabel) : undefined;
      cli.stdout.write(
        json
          ? `${JSON.stringify({ ...result, ...(fixed && { fixed }) }, null, 2)}\n`
          : checkReport(result, named, fixed, cli),
      );
      const errors = result.findings.filter(({ severity }) => severity === 'error');
      const left = fixed ? withoutFixed(errors, fixed) : errors;
      if (left.length === 0) return;
      const problems = left.length === 1 ? 'One file' : `${count(left.length)} files`;
      throw new HebbError('invalid_dataset', `${problems} of ${named} cannot be trained on.`, {
        hint: 'Replace them, or move them away with --fix.',
      });
    });
}

const withoutFixed = (findings: readonly Finding[], { removed }: Fixed): Finding[] =>
  findings.filter(({ paths }) => !paths.every((path) => removed.includes(path)));

function checkReport(
  { images, classes, multiLabel, findings }: CheckResult,
  named: string,
  fixed: Fixed | undefined,
  cli: Cli,
): string {
  const several = multiLabel ? ', several labels to an image' : '';
  const head = `${named}: ${count(images)} images of ${classes.length} classes${several}`;
  if (findings.length === 0) return `✓ ${head}, nothing found\n`;
  const text = `${head}\n${findingsText(findings, !fixed)}`;
  return fixed ? text + fixReport(fixed, cli) : text;
}

function fixReport({ removed, quarantine, source }: Fixed, cli: Cli): string {
  if (removed.length === 0) return 'None of these can be fixed by moving files.\n';
  const files = removed.length === 1 ? '1 file' : `${count(removed.length)} files`;
  return quarantine
    ? `Moved ${files} to ${relative(cli.cwd, quarantine)} (moved.csv there lists the original paths)\n`
    : `Wrote ${relative(cli.cwd, source)} without ${files}\n`;
}
