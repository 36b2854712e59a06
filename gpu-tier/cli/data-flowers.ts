import { resolve } from 'node:path';
import { Command } from 'commander';
import { FLOWER_PHOTOS, type PhotoArchive } from '../dataset/flowers/archive.ts';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { progressOf } from './data-progress.ts';
import { count } from './numbers.ts';
import { address, integer, number } from './values.ts';

interface Flags {
  from?: string;
  size?: number;
  valShare: number;
  seed: number;
}

const NOTES = `
3,670 photographs of daisies, dandelions, roses, sunflowers and tulips, 229 MB, checked by their
sha256. An interrupted download resumes. The archive stays in $HEBB_CACHE, by default ~/.cache/hebb.
Where TensorFlow's servers cannot be reached, --from names a mirror of the same file.`;

/** `hebb data flowers`: photographs to train on. */
export function dataFlowersCommand(cli: Cli, archive: PhotoArchive = FLOWER_PHOTOS): Command {
  return new Command('flowers')
    .description('download TensorFlow’s flower photographs and split them')
    .argument('<folder>', 'where the data set goes; must be new or empty')
    .option('--size <pixels>', 'reduce photographs to this shorter side', integer(64, 2048))
    .option('--val-share <x>', 'share of each class that validates', number(0.01, 0.9), 0.15)
    .option('--seed <n>', 'decides the split', integer(0, 2 ** 32 - 1), 0)
    .option('--from <url>', 'download the archive from here', address)
    .addHelpText('after', NOTES)
    .action(async (folder: string, { from, size, valShare, seed }: Flags) => {
      const { makeFlowers } = await import('../dataset/flowers/flowers.ts');
      const progress = progressOf(cli);
      const made = await makeFlowers(resolve(cli.cwd, folder), {
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
      const { classes, train, val, leftOut } = made;
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
