/**
 * What `hebb eval` prints.
 * @module
 */
import type { ClassMetrics } from '../evaluate/confusion.ts';
import type { Metrics } from '../evaluate/metrics.ts';
import type { EvaluationResult } from '../report/evaluation.ts';
import { layOut } from './table.ts';

/** Classes and confusions that are listed; the report has the others. */
const MOST_ROWS = 12;

/** Letters of a name that are shown; ImageNet's hold all synonyms. */
const LETTERS = 36;

/** A name for the terminal, which would obey control characters in it. */
function shown(name: string): string {
  const letters = [...name.replace(/\p{Cc}|\p{Cf}/gu, '\ufffd')];
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS - 1).join('')}…` : letters.join('');
}

const right = (title: string) => ({ title, align: 'right' as const });
const left = (title: string) => ({ title, align: 'left' as const });

const percent = (share: number | undefined, digits = 2): string =>
  share === undefined ? '–' : `${(100 * share).toFixed(digits)} %`;

/** Accuracy of each precision, their agreement, the weakest classes and the most frequent confusions. */
export function evaluationText(result: EvaluationResult, labels: readonly string[]): string {
  const { float, int8, agreement } = result;
  const main = int8 ?? float;
  if (!main) return '';
  const precisions = [
    ...(float ? [precisionRow('float32', float)] : []),
    ...(int8 ? [precisionRow('int8', int8)] : []),
  ];
  const blocks = [
    layOut(
      [
        left('precision'),
        ...['top-1', '95 % interval', 'top-5', 'loss', 'calib. error'].map(right),
      ],
      precisions,
    ),
    ...(agreement
      ? [
          [
            `same answer for ${percent(agreement.agreement)} of the images; float32 alone is right ${agreement.onlyFloatRight}×, int8 alone ${agreement.onlyInt8Right}×`,
          ],
        ]
      : []),
    classBlock(main, labels),
    confusionBlock(main, labels),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `\n${lines.join('\n')}\n`)
    .join('');
}

function precisionRow(name: string, metrics: Metrics): string[] {
  const { top1, top5, interval, loss, calibration } = metrics;
  const between = `${percent(interval[0], 1)} – ${percent(interval[1], 1)}`;
  return [name, percent(top1), between, percent(top5), loss.toFixed(3), percent(calibration.error)];
}

function classBlock({ classes }: Metrics, labels: readonly string[]): string[] {
  const known = classes.filter(({ images }) => images > 0);
  const weakest = [...known].sort((a, b) => a.f1! - b.f1! || a.label - b.label);
  const rows = known.length > MOST_ROWS ? weakest.slice(0, MOST_ROWS) : known;
  const title =
    known.length > MOST_ROWS ? `the ${MOST_ROWS} weakest of ${known.length} classes` : 'class';
  const row = ({ label, images, precision, recall, f1 }: ClassMetrics) => [
    shown(labels[label]!),
    String(images),
    ...[precision, recall, f1].map((share) => percent(share, 1)),
  ];
  return layOut(
    [left(title), ...['images', 'precision', 'recall', 'F1'].map(right)],
    rows.map(row),
  );
}

function confusionBlock({ confusion }: Metrics, labels: readonly string[]): string[] {
  const wrong = confusion.filter(({ label, answer }) => label !== answer).slice(0, MOST_ROWS);
  if (wrong.length === 0) return [];
  return layOut(
    [left('most frequent confusions'), left('taken for'), right('images')],
    wrong.map(({ label, answer, count }) => [
      shown(labels[label]!),
      shown(labels[answer]!),
      String(count),
    ]),
  );
}
