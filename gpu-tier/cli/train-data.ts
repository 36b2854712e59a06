import { basename } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';
import { checkDataset } from '../dataset/checks/check.ts';
import { fixDataset } from '../dataset/checks/fix.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import type { TrainConfig } from '../train/config.ts';
import type { Cli } from './cli.ts';
import { findingsText } from './data-findings.ts';
import { progressOf } from './data-progress.ts';

/**
 * Checks the data, mends them where that is wanted, and reads them. Throws `invalid_dataset` when a
 * file cannot be trained on, after naming each.
 */
export async function readChecked(cli: Cli, config: TrainConfig, fix: boolean): Promise<Dataset> {
  const { data, valShare, seed } = config;
  const progress = progressOf(cli);
  try {
    const { findings } = await checkDataset(data, {
      valShare,
      onProgress: progress.step('checking', 'images'),
    });
    progress.finish();
    if (findings.length > 0) cli.stderr.write(findingsText(findings, !fix));
    const fixed = fix ? await fixDataset(data, findings) : undefined;
    const broken = findings.filter(
      ({ severity, paths }) =>
        severity === 'error' && !paths.every((path) => fixed?.removed.includes(path)),
    );
    if (broken.length > 0) {
      throw new HebbError(
        'invalid_dataset',
        `${broken.length} files of ${basename(data)} cannot be trained on (✗ above).`,
        { hint: 'Replace them, or move them aside with --fix.' },
      );
    }
    const dataset = await readDataset(data, {
      valShare,
      seed,
      onProgress: progress.step('reading', 'files'),
    });
    if (dataset.val.length > 0) return dataset;
    throw new HebbError('invalid_dataset', `${basename(data)} leaves no image to validate on.`, {
      hint: 'Give two images of a class at the least, or a folder val/.',
    });
  } finally {
    progress.finish();
  }
}
