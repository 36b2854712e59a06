import { HebbError } from '@hebb/model';
import type { Pipeline } from '../augment/batch.ts';
import type { Dataset } from '../dataset/dataset.ts';
import {
  averagePrecisions,
  binaryLoss,
  type MultiLabelAnswers,
  meanAveragePrecision,
} from '../evaluate/multi-label.ts';
import type { TrainingSession } from '../step/session.ts';
import type { TrainConfig } from './config.ts';
import { checkAnswer } from './divergence.ts';
import type { EpochLog } from './epoch-log.ts';
import { evaluationBatches } from './sampler.ts';

interface ValidateOptions {
  readonly config: Pick<TrainConfig, 'batchSize' | 'inputSize' | 'rate' | 'clipNorm'>;
  readonly dataset: Pick<Dataset, 'val' | 'classes'>;
  readonly pipelines: { readonly val: Pipeline };
  /** The phase of `--qat`. */
  readonly int8?: boolean;
}

/** Accuracies and recalls, or for multi-label data the precisions. */
export type Validation = Required<Pick<EpochLog, 'valLoss'>> &
  Pick<EpochLog, 'valTop1' | 'valTop5' | 'valRecall' | 'valRecalls' | 'valMap' | 'valPrecisions'>;

/**
 * Measures the network on the validation images. Throws `training_diverged` when a probability is not
 * finite, `invalid_argument` when there are no images.
 */
export async function validate(
  session: Pick<TrainingSession, 'evaluate'>,
  { config, dataset, pipelines, int8 }: ValidateOptions,
): Promise<Validation> {
  const images = dataset.val.length;
  if (images === 0) {
    throw new HebbError('invalid_argument', 'There are no validation images.', {
      hint: 'Give them in val/, or set aside a share of the images: --val-share 0.15',
    });
  }
  const classes = dataset.classes.length;
  let [seen, loss, top1, top5] = [0, 0, 0, 0];
  const recall = new RecallCounter();
  const sets = dataset.val.flatMap(({ labels: set }) => (set ? [set] : []));
  const all = new Float32Array(sets.length * classes);
  const requests = evaluationBatches(dataset.val, config.batchSize, config.inputSize);
  for await (const { pixels, labels } of pipelines.val.batches(requests)) {
    const probabilities = session.evaluate(pixels.slice(), labels.length);
    // The copies that pad the last batch do not count.
    for (let i = 0; i < labels.length && seen < images; i++, seen++) {
      const row = probabilities.subarray(i * classes, (i + 1) * classes);
      checkAnswer(row, { ...config, int8 });
      if (sets.length > 0) {
        all.set(row, seen * classes);
        continue;
      }
      const own = row[labels[i]!]!;
      const better = row.filter((p) => p > own).length;
      loss -= Math.log(Math.max(own, 1e-12));
      recall.add(labels[i]!, better < 1);
      if (better < 1) top1++;
      if (better < 5) top5++;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (sets.length > 0) {
    return validationOf({ classes, sets, labels: new Int32Array(images), probabilities: all });
  }
  return {
    valLoss: loss / images,
    valTop1: top1 / images,
    valTop5: top5 / images,
    valRecall: recall.mean(),
    valRecalls: recall.perClass(classes),
  };
}

/** The figures of multi-label answers. */
export function validationOf(answers: MultiLabelAnswers) {
  const { sets, probabilities, classes } = answers;
  const loss = sets.reduce((sum, set, i) => {
    return sum + binaryLoss(probabilities.subarray(i * classes, (i + 1) * classes), set);
  }, 0);
  return {
    valLoss: loss / Math.max(sets.length, 1),
    valMap: meanAveragePrecision(answers),
    valPrecisions: averagePrecisions(answers).map((value) =>
      value === undefined ? null : Number(value.toFixed(4)),
    ),
  };
}

/** Counts the recall of each class. */
export class RecallCounter {
  readonly #classes = new Map<number, { images: number; found: number }>();

  add(label: number, found: boolean): void {
    const { images, found: before } = this.#classes.get(label) ?? { images: 0, found: 0 };
    this.#classes.set(label, { images: images + 1, found: before + (found ? 1 : 0) });
  }

  /** Recall of each class, rounded to four digits; null for a class without images. */
  perClass(classes: number): (number | null)[] {
    return Array.from({ length: classes }, (_, label) => {
      const counted = this.#classes.get(label);
      return counted ? Number((counted.found / counted.images).toFixed(4)) : null;
    });
  }

  /** Mean recall over the classes that have images; 0 without images. */
  mean(): number {
    const shares = [...this.#classes.values()].map(({ images, found }) => found / images);
    return shares.reduce((sum, share) => sum + share, 0) / Math.max(shares.length, 1);
  }
}
