import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { progressOf } from './data-progress.ts';
import { count } from './numbers.ts';
import { integer } from './values.ts';

interface Flags {
  images: number;
  size: number;
  seed: number;
}

/** `hebb data shapes`: a data set drawn by ourselves, to try training with. */
export function dataShapesCommand(cli: Cli): Command {
  return new Command('shapes')
    .description('draw a small data set of shapes and textures')
    .argument('<folder>', 'where it goes; must be new or empty')
    .option(
      '--images <n>',
      'training images per class; a quarter as many validate',
      integer(4, 10_000),
      200,
    )
    .option('--size <pixels>', 'side of an image', integer(32, 512), 128)
    .option('--seed <n>', 'another seed draws other images', integer(0, 2 ** 32 - 1), 1)
    .action(async (folder: string, flags: Flags) => {
      const { writeShapes } = await import('../dataset/shapes/write.ts');
      const dir = resolve(cli.cwd, folder);
      const progress = progressOf(cli);
      const options = { ...flags, onProgress: progress.step('drawing', 'images') };
      const written = await writeShapes(dir, options).finally(progress.finish);
      const { classes, train, val } = written;
      cli.stdout.write(
        [
          `Wrote ${folder}: ${classes.join(', ')}\n`,
          `  ${count(train)} images to train on, ${count(val)} to validate, ${flags.size}×${flags.size}\n`,
          `Next: hebb train --data ${folder} --recipe quick\n`,
        ].join(''),
      );
    });
}
